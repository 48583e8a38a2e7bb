"""Which version reigns, when the ledger and MLflow's alias may say different things, and how they are made to agree.

The ledger is written first and the alias moved after it, so a crash in between leaves the
alias one step behind; that is repaired. Refuses to overrule an alias that a person moved.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from perito.domain.errors import MissingExtra, ModelError
from perito.entrypoints.console import console
from perito.entrypoints.settings import Settings
from perito.evaluation.promotion_words import Obstacle
from perito.learning import Contender
from perito.registry import champion_version, load_version, registered, set_champion
from perito.store import Decision, Entry, Evidence, Ledger

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Standing:
    """The version that reigns by the ledger, None for none, and where the alias stands."""

    version: str | None
    alias: str | None

    @property
    def agreed(self) -> bool:
        """Whether ledger and alias say the same."""
        return self.version == self.alias


def who_reigns(dataset: str, ledger: Ledger, settings: Settings) -> Standing:
    """What ledger and alias say, changing neither; before the ledger's first row the alias alone says it."""
    live, alias = ledger.live_at(dataset, END_OF_TIME), champion_version(dataset, settings.tracking())
    return Standing(alias if live is None else live.decision.model_version, alias)


def settle(dataset: str, ledger: Ledger, settings: Settings) -> Standing:
    """Take in a champion from before the ledger, and repair an alias that a crash left one step behind.

    Raises
    ------
    ServiceError
        MLflow or the database does not answer.
    """
    live, alias = ledger.live_at(dataset, END_OF_TIME), champion_version(dataset, settings.tracking())
    if live is None:
        if alias is not None:
            ledger.append(_found(dataset, alias, settings), at=datetime.now(UTC))
        return Standing(alias, alias)
    version = live.decision.model_version
    if alias != version and alias == live.decision.previous_version:
        set_champion(dataset, version, settings.tracking())
        console.print(f"  The alias champion was one step behind the ledger and now stands at version {version}")
        alias = version
    return Standing(version, alias)


def record(decision: Decision, ledger: Ledger, settings: Settings) -> Entry:
    """Add a decision to the ledger; then, if it makes a model live, move the alias.

    Doing it again with the same key adds nothing, and moves the alias only while the row
    is still the one that says who reigns.
    """
    entry = ledger.append(decision, at=datetime.now(UTC))
    live = ledger.live_at(decision.dataset, END_OF_TIME)
    if live is not None and live.sequence == entry.sequence:
        set_champion(decision.dataset, decision.model_version, settings.tracking())
    return entry


def load_contender(dataset: str, version: str, settings: Settings) -> Contender | Obstacle:
    """A registered version ready to be scored anew, or why it cannot be."""
    try:
        found = load_version(dataset, version, settings.tracking())
    except (ModelError, MissingExtra) as failure:
        return Obstacle("unreadable", failure.what)
    return Contender(found.model, found.learnt, found.model_version)


def _found(dataset: str, alias: str, settings: Settings) -> Decision:
    version = registered(dataset, alias, settings.tracking())
    return Decision(
        dataset=dataset,
        action="promoted",
        model_version=alias,
        run_id=version.run_id,
        previous_version=None,
        who=settings.user(),
        why="It held the alias champion in MLflow when the ledger began.",
        fingerprint=version.fingerprint,
        evidence=Evidence(),
        key=f"{dataset}:{alias}:found",
    )
