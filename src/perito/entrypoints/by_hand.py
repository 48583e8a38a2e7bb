"""Promotions and rollbacks that a person asks for, and questions put to the ledger.

Refuses a decision without a reason, and a promotion that the gate refuses unless told to
override it, which the ledger then says.
"""

from datetime import UTC, date, datetime, time, timedelta

from perito.datasets.reader import load_spec
from perito.domain.errors import ParameterError, PromotionRefused, TamperedLedger
from perito.domain.words import Language
from perito.entrypoints.console import working_on
from perito.entrypoints.document import Document
from perito.entrypoints.open_dataset import load_dataset
from perito.entrypoints.promoting import against, evidence_of
from perito.entrypoints.request import Request
from perito.entrypoints.settings import Settings
from perito.entrypoints.standing import Standing, load_contender, record, settle, who_reigns
from perito.evaluation.promotion_words import Obstacle
from perito.features.build import build_features
from perito.learning import Ruling, hidden_from_features, measure, rule
from perito.registry import Registered, registered
from perito.store import Decision, Entry, Evidence, find_flaw, open_ledger
from perito.study import open_study

UNSAID = "its run does not say what the gates found."
LAST_MOMENT = timedelta(microseconds=1)


def promote(request: Request, *, version: str | None, why: str, override: bool, settings: Settings) -> Document:
    """Ask the gate about a registered version now, on this data, and promote it by hand.

    Both models are scored anew. What the gate refuses is recorded as refused, or with
    `override` as promoted against the gate.

    Raises
    ------
    ParameterError
        Without a reason.
    PromotionRefused
        The version reigns already, or the gate refuses it and `override` is not given.
    ModelError, ServiceError, and what opening a dataset raises
        What was expected, what came, where, and what to do.
    """
    reason, name = _reason(why), load_spec(request.dataset).name
    target = registered(name, version, settings.tracking())
    with open_ledger(settings.database()) as ledger:
        standing = settle(name, ledger, settings)
        if standing.version == target.model_version and standing.agreed:
            raise PromotionRefused(f"Version {target.model_version} is champion already.", where=name)
        ruling = _ruled(request, target, standing, settings)
        entry = record(_promotion(name, target, ruling, reason, override, user=settings.user()), ledger, settings)
    if entry.decision.action == "refused":
        raise PromotionRefused(
            ruling.why,
            where=f"{name}, version {target.model_version}",
            remedy="The refusal is in the ledger. To promote it all the same, repeat the command with --override.",
        )
    return {"dataset": name, "gate": ruling.why, "entry": entry.document()}


def roll_back(dataset: str, *, to: str | None, why: str, settings: Settings) -> Document:
    """Give the title back to the champion before the present one, or to an earlier one.

    Nothing is scored: the row holds the figures of the latest comparison of the two, if
    there was one. Rolling back a rollback brings the other version back.

    Raises
    ------
    ParameterError
        Without a reason.
    PromotionRefused
        There is no earlier champion, or the version asked for never was one.
    """
    reason, name = _reason(why), load_spec(dataset).name
    with open_ledger(settings.database()) as ledger:
        standing = settle(name, ledger, settings)
        rows = ledger.rows(name)
        version = _earlier(name, to, standing, rows)
        target = registered(name, version, settings.tracking())
        decision = Decision(
            dataset=name,
            action="rolled_back",
            model_version=version,
            run_id=target.run_id,
            previous_version=standing.version,
            who=settings.user(),
            why=reason,
            fingerprint=target.fingerprint,
            evidence=_last_compared(rows, version, standing.version),
        )
        return {"dataset": name, "entry": record(decision, ledger, settings).document()}


def champion(dataset: str, *, at: str | None, settings: Settings) -> Document:
    """Which version is or was live: the ledger's row, null where none was, and for now where the alias stands.

    `at`: a day, which counts to its end (UTC), or an instant.
    """
    name = load_spec(dataset).name
    with open_ledger(settings.database()) as ledger:
        instant = datetime.now(UTC) if at is None else _instant(at)
        live = ledger.live_at(name, instant)
        document: Document = {"dataset": name, "at": instant.isoformat(), "entry": live.document() if live else None}
        if at is None:
            standing = who_reigns(name, ledger, settings)
            document |= {"alias": standing.alias, "agreed": standing.agreed}
    return document


def ledger_rows(dataset: str | None, *, settings: Settings) -> Document:
    """Every row of a dataset, or of all, oldest first."""
    name = None if dataset is None else load_spec(dataset).name
    with open_ledger(settings.database()) as ledger:
        return {"dataset": name, "entries": [entry.document() for entry in ledger.rows(name)]}


def verify(*, settings: Settings) -> Document:
    """Check the chain of the whole ledger; the last hash is worth keeping elsewhere.

    Raises
    ------
    TamperedLedger
        Naming the first row that does not fit.
    """
    with open_ledger(settings.database()) as ledger:
        rows = ledger.rows()
    flaw = find_flaw(rows)
    if flaw is not None:
        raise TamperedLedger(
            f"Row {flaw.sequence} does not fit: {flaw.how}.",
            where=settings.database().shown,
            remedy="Compare with a backup. Rows before it are as they were written.",
        )
    return {"rows": len(rows), "last_hash": rows[-1].hash if rows else None}


def _ruled(request: Request, target: Registered, standing: Standing, settings: Settings) -> Ruling:
    with working_on("Read and validate the claims"):
        opened = load_dataset(request.dataset, request.data, settings=settings)
    with opened:
        book, spec = opened.validated.book, opened.spec
        study = open_study(book, spec, test_from=request.test_from, test_to=request.test_to, seed=request.seed)
        with working_on("Build features"):
            frame = build_features(book, hidden=hidden_from_features(study)).frame()
        challenger = load_contender(spec.name, target.model_version, settings)
        if isinstance(challenger, Obstacle):
            raise PromotionRefused(f"Version {target.model_version} cannot be loaded. {challenger.detail}")
        with working_on("Score both models anew, and compare"):
            # Whoever promotes by hand settles where the alias ought to stand, so only the ledger's champion counts.
            reigns = Standing(standing.version, standing.version)
            found = None if reigns.version is None else against(study, frame, challenger, reigns, settings)
            net_money = measure(study, frame, challenger.model)["net_money_at_capacity"]
    stopped = UNSAID if target.not_champion_because is None else target.not_champion_because
    return rule(stopped, standing.version, found, net_money=net_money, language=Language.ENGLISH)


def _promotion(name: str, target: Registered, ruling: Ruling, reason: str, override: bool, *, user: str) -> Decision:
    passes = ruling.passes or override
    return Decision(
        dataset=name,
        action="promoted" if passes else "refused",
        model_version=target.model_version,
        run_id=target.run_id,
        previous_version=ruling.champion,
        who=user,
        why=f"{reason} The gate said: {ruling.why}",
        fingerprint=target.fingerprint,
        evidence=evidence_of(ruling),
        against_the_gate=override and not ruling.passes,
    )


def _earlier(name: str, to: str | None, standing: Standing, rows: list[Entry]) -> str:
    made_live = [row.decision for row in rows if row.decision.action != "refused"]
    if not made_live:
        raise PromotionRefused("There is no champion to roll back.", where=name, remedy="Promote one: perito promote.")
    version = to or made_live[-1].previous_version
    if version is None:
        raise PromotionRefused(
            f"Version {standing.version} is the first champion; there is none before it.",
            where=name,
            remedy="Promote another version with perito promote.",
        )
    if version not in {decision.model_version for decision in made_live}:
        raise PromotionRefused(
            f"Version {version} never was champion.",
            where=f"{name}, --to",
            remedy="Promote it with perito promote, which asks the gate.",
        )
    if version == standing.version and standing.agreed:
        raise PromotionRefused(f"Version {version} is champion already.", where=f"{name}, --to")
    return version


def _last_compared(rows: list[Entry], version: str, previous: str | None) -> Evidence:
    """The figures of the latest row about the two, told from the side of `version`."""
    for row in reversed(rows):
        decided, evidence = row.decision, row.decision.evidence
        if evidence.champion_net_money is None:
            continue
        if (decided.model_version, decided.previous_version) == (version, previous):
            return evidence
        if (decided.model_version, decided.previous_version) == (previous, version):
            return _turned(evidence)
    return Evidence()


def _turned(evidence: Evidence) -> Evidence:
    low, high = evidence.difference_low, evidence.difference_high
    return Evidence(
        challenger_net_money=evidence.champion_net_money,
        champion_net_money=evidence.challenger_net_money,
        difference_low=None if high is None else -high,
        difference_high=None if low is None else -low,
        claims=evidence.claims,
        period_from=evidence.period_from,
        period_to=evidence.period_to,
    )


def _reason(why: str) -> str:
    if not why.strip():
        raise ParameterError("Expected a reason; it is empty.", where="--why", remedy="Say why in a sentence.")
    return why.strip()


def _instant(text: str) -> datetime:
    try:
        if "T" in text or " " in text:
            told = datetime.fromisoformat(text)
            return told.replace(tzinfo=UTC) if told.tzinfo is None else told
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC) - LAST_MOMENT
    except ValueError:
        what = f"Expected a day like 2025-01-31 or an instant like 2025-01-31T12:00, got {text!r}."
        raise ParameterError(what, where="--at") from None
