"""One row of each canonical table, as plain values. Refuses to know where rows are kept."""

from dataclasses import dataclass, field
from datetime import date, datetime

from perito.domain.words import Outcome, Role, SelectedBy


@dataclass(frozen=True)
class Claim:
    """One row per `claim_id`: what was reported, and when."""

    claim_id: str
    reported_at: datetime
    policy_id: str | None = None
    line_of_business: str | None = None
    loss_date: date | None = None
    claimed_amount: float | None = None
    currency: str | None = None
    attributes: dict[str, float | str | date | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """One row per `policy_id`: what was insured, from when to when."""

    policy_id: str
    policyholder_id: str | None = None
    inception_date: date | None = None
    expiry_date: date | None = None
    premium_amount: float | None = None
    coverage_amount: float | None = None
    deductible_amount: float | None = None


@dataclass(frozen=True)
class Party:
    """One row per claim, role and party. Identifiers arrive here already hashed."""

    claim_id: str
    role: Role
    party_id: str


@dataclass(frozen=True)
class Disposition:
    """One decision about one claim. Never edited; a later one supersedes it."""

    claim_id: str
    outcome: Outcome
    known_at: datetime
    decided_by: str | None = None
    selected_by: SelectedBy | None = None
    selection_probability: float | None = None
