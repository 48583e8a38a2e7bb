"""Which claims a model may have learnt from, as it is recorded with the model. Refuses to hold the claims."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from perito.domain.errors import ModelError


@dataclass(frozen=True)
class LearntFrom:
    """Where a model's learning ended.

    `before`: the day from which no claim, and no outcome that became known, was learnt from;
    None where the split is not by time. `kept_apart`: a hash of the ids of the claims that
    were kept for reporting, which a model of the same hash has not learnt from either.
    """

    before: date | None
    kept_apart: str

    @classmethod
    def of(cls, before: date | None, kept_apart: Iterable[str]) -> Self:
        """The record of a model that kept these claim ids apart."""
        digest = hashlib.sha256()
        for claim_id in sorted(kept_apart):
            digest.update(claim_id.encode() + b"\0")
        return cls(before, digest.hexdigest())

    def document(self) -> dict[str, str]:
        """As plain text, for the registry; an empty day for none."""
        return {"before": self.before.isoformat() if self.before else "", "kept_apart": self.kept_apart}

    @classmethod
    def read(cls, before: str, kept_apart: str) -> Self:
        """What `document` wrote.

        Raises
        ------
        ModelError
            If it is no such record.
        """
        try:
            day = date.fromisoformat(before) if before else None
        except ValueError:
            raise ModelError(f"Expected a day like 2025-01-31 in the model's record, got {before!r}.") from None
        return cls(day, kept_apart)
