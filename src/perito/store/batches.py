"""What a batch of scores is: which claims, by which model, as of when. Refuses an instant without a zone."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from perito.domain.errors import ParameterError


@dataclass(frozen=True)
class BatchKey:
    """What makes a batch the one it is: the same claims, scored by the same model as of the same instant.

    `fingerprint`: of the claims that were read, with the spec they were read by. `model_version`:
    of a registered model, or the digest of a model folder. `as_of` (UTC): the instant whose
    knowledge was used. `model_name` is told beside the version, and makes no other batch.
    """

    dataset: str
    fingerprint: str
    model_name: str
    model_version: str
    as_of: datetime

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ParameterError("Expected an instant with its zone; it has none.", where="as_of")
        object.__setattr__(self, "as_of", self.as_of.astimezone(UTC))


@dataclass(frozen=True)
class Terms:
    """How the claims of a batch were scored; each is null where nobody said it.

    `capacity`: places of the desk, audits included. `explained`: claims that got reasons.
    `currency`: of every amount, empty where the claims state none or several. `seed`: of the
    random audits.
    """

    capacity: int | None = None
    explained: int | None = None
    currency: str | None = None
    language: str | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Batch:
    """One written batch: how many claims, alerts and random audits among these, and when it was written (UTC)."""

    id: int
    key: BatchKey
    created_at: datetime
    claims: int
    alerts: int
    audits: int
    terms: Terms

    def document(self) -> dict[str, Any]:
        """The batch as JSON can hold it, flat."""
        values = {"id": self.id, **asdict(self.key), "created_at": self.created_at, "claims": self.claims}
        values |= {"alerts": self.alerts, "audits": self.audits, **asdict(self.terms)}
        return {name: told.isoformat() if isinstance(told, datetime) else told for name, told in values.items()}
