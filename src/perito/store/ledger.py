"""The promotion ledger: append, read, and ask which model was live when. There is no way to change a row."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from perito.domain.errors import PromotionRefused
from perito.store.address import Database
from perito.store.entries import GENESIS, Decision, Entry, Evidence, seal
from perito.store.opening import opened

if TYPE_CHECKING:
    import sqlalchemy as sa

MADE_LIVE = ("promoted", "rolled_back")


@contextmanager
def open_ledger(database: Database) -> Iterator["Ledger"]:
    """The ledger of a database, which is brought to the present shape first.

    Raises
    ------
    ServiceError, MissingExtra, OutputError
        What `opened` raises.
    """
    with opened(database) as engine:
        yield Ledger(database, engine)


@dataclass(frozen=True)
class Ledger:
    """Every promotion, refusal and rollback of every dataset, oldest first, chained by hashes."""

    database: Database
    engine: "sa.Engine"

    def append(self, decision: Decision, *, at: datetime) -> Entry:
        """Record a decision taken at an instant; one whose `key` is there already is returned as it stands.

        A clock that went back cannot put a row before the last one: it takes the instant of
        the last.

        Raises
        ------
        PromotionRefused
            The decision makes a version live in place of another one than the one that
            reigns now: somebody else was quicker.
        ServiceError
            The database does not answer, or refuses.
        """
        import sqlalchemy as sa

        from perito.store.engine import transaction
        from perito.store.tables import LEDGER

        with transaction(self.engine, self.database, writes=True) as connection:
            if decision.key is not None:
                known = connection.execute(sa.select(LEDGER).where(LEDGER.c.key == decision.key)).first()
                if known is not None:
                    return _entry(known)
            if decision.action in MADE_LIVE:
                _check_predecessor(decision, connection.execute(_live(decision.dataset)).first())
            newest = sa.select(LEDGER).order_by(LEDGER.c.sequence.desc()).limit(1)
            row = connection.execute(newest).first()
            last = None if row is None else _entry(row)
            sequence, before = (1, GENESIS) if last is None else (last.sequence + 1, last.hash)
            instant = at.astimezone(UTC)
            entry = seal(sequence, instant if last is None else max(instant, last.at), decision, before)
            connection.execute(sa.insert(LEDGER).values(_values(entry)))
            return entry

    def live_at(self, dataset: str, instant: datetime) -> Entry | None:
        """The row that made the model live that was live at `instant` (UTC), in one query; None if none was."""
        from perito.store.tables import LEDGER

        return next(iter(self._rows(_live(dataset).where(LEDGER.c.at <= instant))), None)

    def rows(self, dataset: str | None = None) -> list[Entry]:
        """Every row, oldest first; those of one dataset, or all."""
        import sqlalchemy as sa

        from perito.store.tables import LEDGER

        query = sa.select(LEDGER).order_by(LEDGER.c.sequence)
        return self._rows(query if dataset is None else query.where(LEDGER.c.dataset == dataset))

    def _rows(self, query: "sa.Select[Any]") -> list[Entry]:
        from perito.store.engine import transaction

        with transaction(self.engine, self.database, writes=False) as connection:
            return [_entry(row) for row in connection.execute(query)]


def _live(dataset: str) -> "sa.Select[Any]":
    """The latest row of a dataset that made a version live."""
    import sqlalchemy as sa

    from perito.store.tables import LEDGER

    made_live = sa.select(LEDGER).where(LEDGER.c.dataset == dataset, LEDGER.c.action.in_(MADE_LIVE))
    return made_live.order_by(LEDGER.c.sequence.desc()).limit(1)


def _check_predecessor(decision: Decision, live: Any) -> None:
    reigns = None if live is None else _entry(live).decision.model_version
    if decision.previous_version != reigns:
        raise PromotionRefused(
            f"Expected version {decision.previous_version or 'none'} to reign; meanwhile it is {reigns or 'none'}.",
            where=decision.dataset,
            remedy="Somebody else decided first. Look at perito ledger, and run the command again.",
        )


def _values(entry: Entry) -> dict[str, object]:
    decided = asdict(entry.decision)
    evidence = decided.pop("evidence")
    chain = {"previous_hash": entry.previous_hash, "hash": entry.hash}
    return {"sequence": entry.sequence, "at": entry.at, **decided, **evidence, **chain}


def _entry(row: Any) -> Entry:
    values = dict(row._mapping)
    evidence = Evidence(**{field.name: values[field.name] for field in fields(Evidence)})
    decided = {field.name: values[field.name] for field in fields(Decision) if field.name != "evidence"}
    return Entry(
        sequence=values["sequence"],
        at=values["at"],
        decision=Decision(**decided, evidence=evidence),
        previous_hash=values["previous_hash"],
        hash=values["hash"],
    )
