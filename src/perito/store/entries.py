"""What a ledger holds: who decided what about which model, when, why and on what evidence.

Refuses a row that does not fit the one before it: each holds the hash of its content and of
the row before, so that a changed, removed or inserted row shows.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Literal

Action = Literal["promoted", "refused", "rolled_back"]
GENESIS = "0" * 64
"""What the first row names as the hash of the row before."""


@dataclass(frozen=True)
class Evidence:
    """The figures a decision rests on; each is null where it is not known.

    Net money at capacity, in the book's currency, on the same `claims` matured claims,
    reported in [`period_from`, `period_to`]. `difference`: challenger less champion, with
    its 95 % interval. `fairness`: who bears the investigations, as JSON.
    """

    challenger_net_money: float | None = None
    champion_net_money: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    claims: int | None = None
    period_from: date | None = None
    period_to: date | None = None
    fairness: str | None = None


@dataclass(frozen=True)
class Decision:
    """One decision about one model version.

    `model_version`: the version promoted, refused or taken back to. `previous_version`: the
    champion when it was decided, null when there was none. `against_the_gate`: a person
    promoted what the gate refused. `key`: the same key is recorded once; null for a
    decision that may be taken again.
    """

    dataset: str
    action: Action
    model_version: str
    run_id: str
    previous_version: str | None
    who: str
    why: str
    fingerprint: str | None
    evidence: Evidence
    against_the_gate: bool = False
    key: str | None = None


@dataclass(frozen=True)
class Entry:
    """One row of the ledger: a decision, its place, its instant (UTC), and the chain."""

    sequence: int
    at: datetime
    decision: Decision
    previous_hash: str
    hash: str

    def document(self) -> dict[str, object]:
        """The row as JSON can hold it, flat."""
        decided = asdict(self.decision)
        evidence = decided.pop("evidence")
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in evidence.items()}
        fairness = None if plain["fairness"] is None else json.loads(str(plain["fairness"]))
        chain = {"previous_hash": self.previous_hash, "hash": self.hash}
        return {"sequence": self.sequence, "at": self.at.isoformat(), **decided, **plain, "fairness": fairness, **chain}


@dataclass(frozen=True)
class Flaw:
    """The first row at which the ledger does not hold together, and how."""

    sequence: int
    how: str


def seal(sequence: int, at: datetime, decision: Decision, previous_hash: str) -> Entry:
    """The row of a decision at an instant (UTC), chained to the row before it."""
    return Entry(sequence, at, decision, previous_hash, _hash(sequence, at, decision, previous_hash))


def find_flaw(entries: Iterable[Entry]) -> Flaw | None:
    """Where a whole ledger, oldest row first, was tampered with; None where it holds together.

    A changed, inserted or removed row shows. Rows cut off at the end do not, unless somebody
    kept the last hash.
    """
    sequence, previous_hash = 0, GENESIS
    for entry in entries:
        if entry.sequence != sequence + 1:
            return Flaw(entry.sequence, f"row {sequence + 1} should come here")
        if entry.previous_hash != previous_hash:
            return Flaw(entry.sequence, "it does not name the hash of the row before it")
        if entry.hash != _hash(entry.sequence, entry.at, entry.decision, entry.previous_hash):
            return Flaw(entry.sequence, "its content is not what was hashed when it was written")
        sequence, previous_hash = entry.sequence, entry.hash
    return None


def _hash(sequence: int, at: datetime, decision: Decision, previous_hash: str) -> str:
    content = {"sequence": sequence, "at": at.astimezone(UTC), **asdict(decision), "previous_hash": previous_hash}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()
