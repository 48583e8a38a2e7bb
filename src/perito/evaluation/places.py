"""How a desk's places are shared between the ranking and random audits.

Refuses to take the last ranked place: a desk that opens a single claim opens the first one.
"""

from dataclasses import dataclass

from perito.datasets.spec import Desk
from perito.evaluation.metrics import claims_at_capacity


@dataclass(frozen=True)
class Places:
    """How many claims the desk opens by rank, and how many by a random draw among the others."""

    ranked: int
    audited: int

    @property
    def total(self) -> int:
        """The desk's capacity."""
        return self.ranked + self.audited


def desk_places(desk: Desk, claims: int) -> Places:
    """The places of a desk that is shown so many claims.

    Audits take the rounded `audit_share` of the capacity, at least one place where a share is
    asked for, and never more claims than the ranking leaves over.
    """
    total = claims_at_capacity(desk.capacity_share, claims)
    wanted = max(1, round(desk.audit_share * total)) if desk.audit_share else 0
    return Places(total - min(wanted, total - 1), min(wanted, total - 1))
