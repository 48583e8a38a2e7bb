"""The verdict in plain words: what was learnt, what leaked, what the desk would get. Refuses to soften it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from perito.report.texts import ACTIONS, CHECKS, Speech

Document = Mapping[str, Any]
"""The content of `run.json`, as a run writes it."""
Tone = Literal["good", "warning", "bad"]


@dataclass(frozen=True)
class Answer:
    """One question of a reader, answered: the short answer, then the sentences behind it."""

    question: str
    short: str
    sentences: tuple[str, ...]
    tone: Tone


@dataclass(frozen=True)
class Leak:
    """One finding of a gate, in words."""

    check: str
    column: str
    evidence: str
    action: str


@dataclass(frozen=True)
class Verdict:
    """Everything that is said before the list of claims."""

    learnable: bool
    lede: str
    answers: tuple[Answer, ...]
    leaks: tuple[Leak, ...]
    population: tuple[str, ...]


def verdict_of(document: Document, speech: Speech) -> Verdict:
    """The verdict of one run; `learnable` is false unless the run itself says so."""
    said = document["verdicts"]["learnability"]["verdict"]
    learnable = said == "learnable"
    leaks = tuple(_leak(finding, speech) for finding in document["verdicts"]["leakage"])
    return Verdict(
        learnable=learnable,
        lede=speech.say(
            {"learnable": "lede_learnable", "no_better_than_amount": "lede_amount"}.get(said, "lede_nothing")
        ),
        answers=(_learning(document, speech), _leakage(document, speech), _desk(document, speech)),
        leaks=leaks,
        population=(document["population"], *_split(document["split"], speech), document["labels"]["sentence"]),
    )


def _learning(document: Document, speech: Speech) -> Answer:
    verdict = document["verdicts"]["learnability"]
    said = verdict["verdict"]
    short = speech.say({"learnable": "learn_yes", "no_better_than_amount": "learn_amount"}.get(said, "learn_no"))
    return Answer(speech.say("learn_question"), short, (verdict["sentence"],), "good" if said == "learnable" else "bad")


def _leakage(document: Document, speech: Speech) -> Answer:
    findings = document["verdicts"]["leakage"]
    question = speech.say("leak_question")
    if not findings:
        return Answer(question, speech.say("leak_none"), (document["verdicts"]["leakage_sentence"],), "good")
    columns = {finding["column"] for finding in findings if finding["action"] in {"left_out", "blocked", "asked"}}
    short = speech.say("leak_handled" if columns else "leak_warned")
    return Answer(question, short, (document["verdicts"]["leakage_sentence"],), "warning")


def _leak(finding: Mapping[str, str], speech: Speech) -> Leak:
    check, action = speech.named(CHECKS, finding["check"]), speech.named(ACTIONS, finding["action"])
    return Leak(check, finding["column"], finding["evidence"], action)


def _desk(document: Document, speech: Speech) -> Answer:
    learnable = document["verdicts"]["learnability"]["verdict"] == "learnable"
    precision, claims = document["test"]["precision_at_capacity"], document["capacity"]["ranked"]
    question = speech.say("desk_question")
    if precision["value"] is None:
        return Answer(question, speech.say("desk_unknown"), (speech.say("desk_no_hits"),), "warning")
    hits = speech.wording.number(claims * precision["value"])
    short = speech.say("desk_answer", hits=hits, claims=speech.wording.number(claims))
    sentences = [_hits(document, speech), *_money(document, speech)]
    if not learnable:
        sentences.append(speech.say("desk_not_reliable"))
    return Answer(question, short, tuple(sentences), "good" if learnable else "bad")


def _hits(document: Document, speech: Speech) -> str:
    wording, capacity, test = speech.wording, document["capacity"], document["split"]["test"]
    claims, share = capacity["ranked"], capacity["share"]
    found = {name: wording.number(claims * part) for name, part in document["test"]["precision_at_capacity"].items()}
    return speech.say(
        "desk_hits",
        claims=wording.number(claims),
        share=wording.percent(share, 0 if share >= 0.1 else 1),
        hits=found["value"],
        low=found["low"],
        high=found["high"],
        random=wording.number(claims * test["positives"] / test["labelled"]),
    )


def _money(document: Document, speech: Speech) -> tuple[str, ...]:
    net = document["test"]["net_money_at_capacity"]
    if net["value"] is None:
        return ()
    money, low, high = (speech.wording.amount(round(net[part])) for part in ("value", "low", "high"))
    labelled = speech.wording.number(document["split"]["test"]["labelled"])
    return (speech.say("desk_money", labelled=labelled, money=money, low=low, high=high),)


def _split(split: Document, speech: Speech) -> tuple[str, ...]:
    number, train, test = speech.wording.number, split["train"], split["test"]
    places = {"train": number(train["labelled"]), "test": number(test["claims"])}
    known = speech.say(
        "split_positives",
        train_labelled=number(train["labelled"]),
        train_positives=number(train["positives"]),
        test_labelled=number(test["labelled"]),
        test_positives=number(test["positives"]),
    )
    if split["kind"] != "time":
        return speech.say(f"split_{split['kind']}", **places), known
    start, end = split["test_from"], split["test_to"]
    until = speech.say("split_until", start=start, end=end) if end else speech.say("split_onwards", start=start)
    told = speech.say("split_time", start=start, until=until, **places)
    gap = split["label_gap_days"]
    return (told, speech.say("split_gap", days=number(gap)), known) if gap else (told, known)
