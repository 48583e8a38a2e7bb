"""What a ring is, as plain values. Refuses words: those are in `evidence`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SharedParty:
    """One party that ties claims of a ring: how many of them, of how many policyholders, and what was found.

    `claims_in_book` counts all claims that name the party, those outside the ring included.
    """

    role: str
    party_id: str
    claims: int
    policyholders: int
    substantiated: int
    not_substantiated: int
    claims_in_book: int


@dataclass(frozen=True)
class ClaimPath:
    """Why a claim is in its ring: the shared parties it names, as (role, party_id), the rarest first."""

    claim_id: str
    parties: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Evidence:
    """The three parts of a ring's score.

    Parameters
    ----------
    expected_by_chance
        Groups tied at least as closely that chance would make in the whole book; may exceed 1.
    outcomes_p_value
        Chance of as many substantiated claims among the decided ones, at the book's own rate; 1
        where nothing was decided.
    time_p_value
        Chance that as many claims are reported as close together; 1 where the book knows no calendar
        or the same parties tie all of the households.
    book_substantiated_rate
        Share of substantiated among the decided claims of the book; None where none was decided.
    """

    expected_by_chance: float
    outcomes_p_value: float
    time_p_value: float
    book_substantiated_rate: float | None


@dataclass(frozen=True)
class Ring:
    """A group of claims of three households or more, tied by shared parties, as known at an instant.

    `ring_id` follows from the claims alone. `claims` are in the order of report, each with its
    path. `unknown` claims were not decided, or inconclusively. `claimed_amount` is the sum of the
    amounts that are known, in `currency`; both are None where no amount is known, or claims of
    several currencies meet.

    `score` is minus the decimal logarithm of how many such groups chance would make in the whole
    book, all `evidence` taken together: 3 means one in a thousand books, and higher is more
    surprising. It is not the chance that the claims are honest.
    """

    ring_id: str
    score: float
    claims: tuple[ClaimPath, ...]
    policyholders: int
    shared: tuple[SharedParty, ...]
    substantiated: int
    not_substantiated: int
    unknown: int
    claimed_amount: float | None
    currency: str | None
    first_reported_at: datetime
    last_reported_at: datetime
    evidence: Evidence

    @property
    def claim_ids(self) -> tuple[str, ...]:
        """The claims, in the order of report."""
        return tuple(path.claim_id for path in self.claims)
