"""The four canonical tables in an engine. Everything after validation reads only these.

Refuses columns that no spec provides: what a book has is stated, not probed.
"""

from dataclasses import dataclass

from perito.datasets.spec import Attribute
from perito.engine import Engine

CLAIMS = {
    "claim_id": "VARCHAR",
    "policy_id": "VARCHAR",
    "line_of_business": "VARCHAR",
    "loss_date": "DATE",
    "reported_at": "TIMESTAMP",
    "claimed_amount": "DOUBLE",
    "currency": "VARCHAR",
}
POLICIES = {
    "policy_id": "VARCHAR",
    "policyholder_id": "VARCHAR",
    "inception_date": "DATE",
    "expiry_date": "DATE",
    "premium_amount": "DOUBLE",
    "coverage_amount": "DOUBLE",
    "deductible_amount": "DOUBLE",
}
PARTIES = {"claim_id": "VARCHAR", "role": "VARCHAR", "party_id": "VARCHAR"}
DISPOSITIONS = {
    "claim_id": "VARCHAR",
    "outcome": "VARCHAR",
    "known_at": "TIMESTAMP",
    "decided_by": "VARCHAR",
    "selected_by": "VARCHAR",
    "selection_probability": "DOUBLE",
}
CANONICAL = {"claims": CLAIMS, "policies": POLICIES, "parties": PARTIES, "dispositions": DISPOSITIONS}
"""Canonical table, its columns and their SQL types. Attributes follow: numeric DOUBLE,
categorical VARCHAR, date DATE."""


@dataclass(frozen=True)
class Book:
    """The accepted rows of one insurer, as the tables `claims`, `policies`, `parties`, `dispositions`.

    All four tables exist in `engine`, with every canonical column, empty or null where the
    source has none; `provides` says which are really there, as `table.column` and
    `parties.<role>`. Protected attributes are columns of `claims` or `policies` and are
    listed in `protected`; they are no features.
    """

    engine: Engine
    claim_attributes: tuple[Attribute, ...]
    policy_attributes: tuple[Attribute, ...]
    provides: frozenset[str]
    protected: tuple[str, ...] = ()
    assessed_at: str = "reported_at"
