"""A run's model before the gate: compared with the reigning champion, ruled on, and recorded in the ledger.

Refuses to move the alias before the row that says why is written.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from perito.domain.errors import PromotionRefused
from perito.domain.words import Language
from perito.entrypoints.document import Document
from perito.entrypoints.settings import Settings
from perito.entrypoints.standing import Standing, load_contender, record, settle, who_reigns
from perito.evaluation.bootstrap import Interval
from perito.evaluation.burden import Burden, burden_record
from perito.evaluation.promotion_words import Obstacle
from perito.learning import Challenge, Contender, Ruling, challenge, learnt_from, rule
from perito.models.interface import Model
from perito.store import Decision, Entry, Evidence, open_ledger
from perito.study import Study

NOT_REGISTERED = {Language.ENGLISH: "Not registered", Language.SPANISH: "No se registra"}
NOTHING_RECORDED = {
    Language.ENGLISH: "Nothing was recorded and the alias was left alone, as asked.",
    Language.SPANISH: "No se anotó nada y el alias quedó como estaba, según se pidió.",
}


def weigh(
    study: Study, frame: pd.DataFrame, model: Model, document: Mapping[str, Any], settings: Settings, *, promote: bool
) -> Ruling:
    """Score the reigning champion anew, compare, and rule; `promote` False leaves ledger and alias untouched.

    Raises
    ------
    ServiceError
        MLflow or the database does not answer.
    """
    with open_ledger(settings.database()) as ledger:
        standing = (settle if promote else who_reigns)(study.spec.name, ledger, settings)
    found = None
    if standing.version is not None:
        found = against(study, frame, Contender(model, learnt_from(study)), standing, settings)
    net_money = Interval(**document["test"]["net_money_at_capacity"])
    because, language = why_stopped(document), Language(document["language"])
    return rule(because, standing.version, found, net_money=net_money, language=language)


def against(
    study: Study, frame: pd.DataFrame, challenger: Contender, standing: Standing, settings: Settings
) -> Challenge:
    """The comparison with the champion that stands, or the obstacle to it."""
    assert standing.version is not None
    if not standing.agreed:
        return Challenge(None, Obstacle("moved", standing.alias or "-"))
    champion = load_contender(study.spec.name, standing.version, settings)
    if isinstance(champion, Obstacle):
        return Challenge(None, champion)
    return challenge(study, frame, champion, challenger)


def decide(
    ruling: Ruling,
    document: Mapping[str, Any],
    settings: Settings,
    *,
    who: str,
    promote: bool,
    burdens: Sequence[Burden] = (),
) -> Document:
    """Record the ruling on the version that the run registered, move the alias if it passes, and describe both.

    Recorded once for a fingerprint and a version, however often it is called. `burdens`: who
    bears the list's mistakes, kept with the ruling.

    Raises
    ------
    ServiceError
        MLflow or the database does not answer.
    """
    version = document["mlflow"]["model_version"]
    if version is None:
        why = f"{NOT_REGISTERED[Language(document['language'])]}: {why_stopped(document)}"
        return described(ruling, document, version, action="not_registered", why=why, entry=None)
    if not promote:
        why = f"{ruling.why} {NOTHING_RECORDED[Language(document['language'])]}"
        return described(ruling, document, version, action="not_asked", why=why, entry=None)
    decision = Decision(
        dataset=document["dataset"],
        action="promoted" if ruling.passes else "refused",
        model_version=version,
        run_id=document["mlflow"]["run_id"],
        previous_version=ruling.champion,
        who=who,
        why=ruling.why,
        fingerprint=document["fingerprint"],
        evidence=evidence_of(ruling, fairness=burden_record(burdens)),
        key=f"{document['dataset']}:{version}:{document['fingerprint']}",
    )
    with open_ledger(settings.database()) as ledger:
        try:
            entry = record(decision, ledger, settings)
        except PromotionRefused as overtaken:
            entry = record(replace(decision, action="refused", why=str(overtaken)), ledger, settings)
    return described(ruling, document, version, action=entry.decision.action, why=entry.decision.why, entry=entry)


def evidence_of(ruling: Ruling, *, fairness: object = None) -> Evidence:
    """The figures of a ruling as a ledger row holds them."""
    told = None if fairness is None else json.dumps(fairness, sort_keys=True, ensure_ascii=False)
    found = ruling.challenge
    if found is None or found.comparison is None:
        return Evidence(challenger_net_money=ruling.net_money.value, fairness=told)
    compared = found.comparison
    return Evidence(
        challenger_net_money=compared.challenger.value,
        champion_net_money=compared.champion.value,
        difference_low=compared.difference.low,
        difference_high=compared.difference.high,
        claims=compared.claims,
        period_from=found.period_from,
        period_to=found.period_to,
        fairness=told,
    )


def described(
    ruling: Ruling, document: Mapping[str, Any], version: str | None, *, action: str, why: str, entry: Entry | None
) -> Document:
    """The parts of the document that say what became of a run's model: `promotion`, and `mlflow` with its alias."""
    challenge = ruling.challenge or Challenge(None, None)
    compared = challenge.comparison
    days = (challenge.period_from, challenge.period_to)
    promotion = {
        "action": action,
        "why": why,
        "champion": {
            "version": ruling.champion,
            "net_money_at_capacity": compared.champion.document() if compared else None,
        },
        "challenger": {
            "version": version,
            "net_money_at_capacity": (compared.challenger if compared else ruling.net_money).document(),
        },
        "difference": compared.difference.document() if compared else None,
        "claims": compared.claims if compared else None,
        "capacity": compared.capacity if compared else None,
        "period": dict(zip(("from", "to"), (day.isoformat() if day else None for day in days), strict=True)),
        "who": entry.decision.who if entry else None,
        "ledger": {"sequence": entry.sequence, "hash": entry.hash} if entry else None,
    }
    alias = {"alias": "champion" if action == "promoted" else None, "alias_reason": why}
    return {"promotion": promotion, "mlflow": {**document["mlflow"], **alias}}


def why_stopped(document: Mapping[str, Any]) -> str:
    """Why a gate before this one stops the run's model; empty for none."""
    verdicts, words = document["verdicts"], _STOPPED[Language(document["language"])]
    blocked = [finding["column"] for finding in verdicts["leakage"] if finding["action"] == "blocked"]
    learnt = verdicts["learnability"]
    if learnt["verdict"] == "too_few":
        return str(learnt["sentence"])
    if document["stand_in"]:
        return words["stand_in"].format(document["stand_in"])
    if learnt["verdict"] == "no_better_than_amount":
        return words["no_better_than_amount"].format(learnt["sentence"])
    if verdicts["learnability"]["verdict"] != "learnable":
        return words["nothing_to_learn"].format(verdicts["learnability"]["sentence"])
    return words["blocked"].format(", ".join(blocked)) if blocked else ""


_STOPPED = {
    Language.ENGLISH: {
        "stand_in": "its target is a declared stand-in. {}",
        "no_better_than_amount": "it does not beat sorting by claimed amount. {}",
        "nothing_to_learn": "it does not beat chance. {}",
        "blocked": "the table leaks its outcome through {}.",
    },
    Language.SPANISH: {
        "stand_in": "su objetivo es un sustituto declarado. {}",
        "no_better_than_amount": "no supera a ordenar por el importe reclamado. {}",
        "nothing_to_learn": "no supera al azar. {}",
        "blocked": "la tabla delata su resultado a través de {}.",
    },
}
