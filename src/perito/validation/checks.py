"""What a mapped row must satisfy, per canonical table. Refuses to look at more than one row.

Checks that compare rows or tables are in `perito.validation.sifting`.
"""

from dataclasses import dataclass
from enum import StrEnum

from perito.domain.words import Outcome, Role, SelectedBy

SILENT = -1
"""The fault number of rows that say nothing, by right."""
HIGHEST_AMOUNT = 1e12
"""Above it an amount is a slip; cents of as many claims as a book can hold still add up exactly below it."""


@dataclass(frozen=True)
class Check:
    """A reason code, the column it is about, and the SQL predicate that is true where it holds.

    A null predicate does not hold. Checks without a predicate are found by comparing rows.
    """

    code: str
    column: str
    predicate: str = ""


def _missing(*columns: str) -> tuple[Check, ...]:
    return tuple(Check("missing_value", column, f"{column} IS NULL") for column in columns)


def _amounts(*columns: str) -> tuple[Check, ...]:
    negative = (Check("negative_amount", column, f"{column} < 0") for column in columns)
    return (*negative, *(Check("impossible_amount", column, f"{column} > {HIGHEST_AMOUNT}") for column in columns))


def _outside(column: str, words: type[StrEnum]) -> str:
    return f"{column} NOT IN ({', '.join(repr(str(word)) for word in words)})"


CHECKS = {
    "claims": (
        *_missing("claim_id", "reported_at"),
        *_amounts("claimed_amount"),
        Check("loss_after_report", "loss_date", "loss_date > CAST(reported_at AS DATE)"),
        Check("duplicate_row", "claim_id"),
        Check("duplicate_claim_id", "claim_id"),
    ),
    "policies": (
        *_missing("policy_id"),
        *_amounts("premium_amount", "coverage_amount", "deductible_amount"),
        Check("duplicate_row", "policy_id"),
        Check("duplicate_policy_id", "policy_id"),
    ),
    "parties": (
        *_missing("claim_id", "role"),
        Check("unknown_role", "role", _outside("role", Role)),
        Check("party_without_claim", "claim_id"),
    ),
    "dispositions": (
        *_missing("claim_id", "known_at"),
        Check("unknown_outcome", "outcome", _outside("outcome", Outcome)),
        Check("unknown_selected_by", "selected_by", _outside("selected_by", SelectedBy)),
        Check(
            "impossible_probability",
            "selection_probability",
            "NOT (selection_probability > 0 AND selection_probability <= 1)",
        ),
        Check("disposition_without_claim", "claim_id"),
        Check("duplicate_row", "claim_id"),
    ),
}
"""Canonical table to its checks, in the order in which the first one that holds rejects the row."""

SILENT_WHERE = {"parties": "party_id IS NULL", "dispositions": "outcome IS NULL"}
"""Canonical table to the predicate of its silent rows."""
