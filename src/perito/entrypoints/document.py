"""The run's document: what `perito run --json` prints and `run.json` holds. Other programs read it.

Refuses figures of its own: everything here was computed elsewhere. Keys are only ever added.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from perito.datasets.book import Book
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.entrypoints.learning_words import describe_blend, describe_features
from perito.evaluation.calibration import CalibrationError
from perito.evaluation.enough import FEWEST_SUBSTANTIATED, Enough
from perito.evaluation.leakage_words import leakage_sentence, what_was_done
from perito.evaluation.learnability import Learnability
from perito.evaluation.metrics import Figures, why_no_figures
from perito.evaluation.places import desk_places
from perito.evaluation.population import Population
from perito.evaluation.split import describe_split
from perito.evaluation.wording import say
from perito.learning import BLEND, Blended, Candidate, Held
from perito.registry import Logged
from perito.study import Study
from perito.validation import Validated

Document = dict[str, object]

_LABELS = {
    (Language.ENGLISH, "leave_out"): "Claims nobody investigated are unknown: they are left out of learning.",
    (Language.ENGLISH, "unlabelled"): "Claims nobody investigated count as not substantiated while learning.",
    (
        Language.ENGLISH,
        "positive_unlabelled",
    ): "Claims nobody investigated count twice while learning, as substantiated and as not, by the chance of each.",
    (Language.SPANISH, "leave_out"): "Los siniestros que nadie investigó son desconocidos: no se aprende de ellos.",
    (Language.SPANISH, "unlabelled"): "Los siniestros que nadie investigó cuentan como no confirmados al aprender.",
    (Language.SPANISH, "positive_unlabelled"): "Los siniestros que nadie investigó cuentan dos veces al aprender, como "
    "confirmados y como no, según la probabilidad de cada cosa.",
}
_WEIGHTING = {
    (Language.ENGLISH, "none"): "",
    (Language.ENGLISH, "inverse_propensity"): "Each counts by how unlikely it was to be investigated.",
    (Language.SPANISH, "none"): "",
    (Language.SPANISH, "inverse_propensity"): "Cada uno cuenta según lo improbable que era investigarlo.",
}
POPULATION = {
    (Language.ENGLISH, "time"): "The test figures speak about the {labelled:,} claims reported from {test_from} on "
    "whose outcome is known, of {claims:,} reported then.",
    (Language.ENGLISH, "group"): "The table has no usable order in time: the test figures speak about {labelled:,} "
    "claims of policies kept apart at random, not about next year.",
    (Language.ENGLISH, "random"): "The table has no usable order in time: the test figures speak about {labelled:,} "
    "claims kept apart at random, not about next year.",
    (Language.ENGLISH, "unlabelled"): "Every claim with a known outcome was learnt from; the list ranks the {claims:,} "
    "others.",
    (Language.SPANISH, "time"): "Las cifras de prueba hablan de los {labelled:,} siniestros comunicados desde "
    "{test_from} cuyo resultado se conoce, de {claims:,} comunicados entonces.",
    (Language.SPANISH, "group"): "La tabla no tiene un orden útil en el tiempo: las cifras hablan de {labelled:,} "
    "siniestros de pólizas apartadas al azar, no del año que viene.",
    (Language.SPANISH, "random"): "La tabla no tiene un orden útil en el tiempo: las cifras hablan de {labelled:,} "
    "siniestros apartados al azar, no del año que viene.",
    (Language.SPANISH, "unlabelled"): "Se aprendió de todos los siniestros con resultado conocido; la lista ordena los "
    "otros {claims:,}.",
}
"""Which claims the test figures speak about, for every kind of split in every language."""


@dataclass(frozen=True)
class Learnt:
    """What was trained: the features that held, the candidates, those skipped and why, and their blend."""

    held: Held
    candidates: Mapping[str, Candidate]
    skipped: Mapping[str, str]
    blended: Blended


@dataclass(frozen=True)
class Verdicts:
    """What the gates said of a study, and which model is used. `checked`: columns the gates looked at."""

    chosen: str
    leakage: tuple[Finding, ...]
    learnability: Learnability
    checked: int
    enough: Enough


def describe_data(study: Study, validated: Validated, language: Language) -> Document:
    """The part of the document that is known before anything is learnt."""
    spec = study.spec
    split = describe_split(study.plan, study.claims)
    learning, places = study.learning["label"], desk_places(spec.desk, len(study.plan.test))
    split["train"] = {
        "claims": len(study.plan.train),
        "labelled": len(learning),
        "positives": int(learning.sum()),
    }
    return {
        "perito": version("perito"),
        "dataset": spec.name,
        "title": spec.title,
        "stand_in": spec.stand_in,
        "fingerprint": validated.fingerprint,
        "seed": study.seed,
        "language": str(language),
        "rows": describe_rows(validated),
        "split": split,
        "labels": {
            "unknown": spec.unknown,
            "weighting": spec.weighting,
            "sentence": " ".join(filter(None, (_LABELS[language, spec.unknown], _WEIGHTING[language, spec.weighting]))),
        },
        "population": " ".join(filter(None, (_population(study, language), _why_no_figures(study, language)))),
        "capacity": {
            "share": spec.desk.capacity_share,
            "claims": places.total,
            "audit_share": spec.desk.audit_share,
            "ranked": places.ranked,
            "audited": places.audited,
        },
        "currency": currency_of(study.book),
    }


def describe_rows(validated: Validated) -> Document:
    """What became of the rows of claims, and under `tables` of every other table, with rejects by reason.

    `silent` rows say nothing, by right: `read == accepted + silent + sum(rejected)`.
    """
    return {
        "read": validated.read,
        "accepted": validated.accepted,
        "rejected": dict(validated.rejected),
        "warnings": dict(validated.warnings),
        "tables": {
            name: {
                "read": counts.read,
                "accepted": counts.accepted,
                "silent": counts.silent,
                "rejected": dict(counts.rejected),
            }
            for name, counts in validated.tables.items()
            if name != "claims"
        },
    }


def _population(study: Study, language: Language) -> str:
    return say(
        POPULATION[language, study.plan.kind],
        language,
        claims=len(study.plan.test),
        labelled=len(study.reported_on),
        test_from=study.plan.test_from,
    )


def _why_no_figures(study: Study, language: Language) -> str:
    return why_no_figures(study.reported_on["label"], language=language)


def describe_learning(learnt: Learnt, verdicts: Verdicts, language: Language) -> Document:
    """The part about verdicts, features and models."""
    learnable, enough = verdicts.learnability, verdicts.enough
    by_amount, over_amount = learnable.auc_by_amount, learnable.over_amount
    return {
        "verdicts": {
            "leakage_sentence": leakage_sentence(verdicts.leakage, verdicts.checked, language),
            "leakage": [
                asdict(finding) | {"done": what_was_done(finding.action, language)} for finding in verdicts.leakage
            ],
            "learnability": {
                "verdict": enough.limit(learnable.verdict),
                "sentence": " ".join(filter(None, (enough.sentence(language), learnable.sentence(language)))),
                "auc": learnable.auc.document(),
                "auc_by_amount": by_amount.document() if by_amount else None,
                "over_amount": over_amount.document() if over_amount else None,
                "p_value": learnable.p_value,
                "substantiated": enough.substantiated,
                "fewest_substantiated": FEWEST_SUBSTANTIATED,
            },
        },
        "features": describe_features(learnt.held, language),
        "models": {**{name: _described(one) for name, one in learnt.candidates.items()}, BLEND: _blend(learnt.blended)},
        "skipped_models": dict(learnt.skipped),
        "chosen": verdicts.chosen,
        "blend": describe_blend(learnt.blended, language),
    }


def _described(candidate: Candidate) -> Document:
    tuned = candidate.tuned
    return {
        "seconds": round(candidate.seconds, 2),
        "metrics": dict(candidate.metrics),
        "options": dict(tuned.options),
        "trials": tuned.trials,
    }


def _blend(blended: Blended) -> Document:
    return {"seconds": round(blended.candidate.seconds, 2), "metrics": dict(blended.candidate.metrics)}


def verdicts_markdown(document: Mapping[str, Any]) -> str:
    """The two verdicts of a run in Markdown, findings as a list."""
    verdicts = document["verdicts"]
    findings = "".join(f"- {finding['evidence']} ({finding['done']})\n" for finding in verdicts["leakage"])
    return (
        f"# {document['title']}\n\n**Leakage.** {verdicts['leakage_sentence']}\n\n{findings}\n"
        f"**Learnability.** {verdicts['learnability']['sentence']}\n"
    )


def describe_test(figures: Figures, calibration: CalibrationError | None = None) -> Document:
    """The figures on the claims kept for reporting, each with its interval; the calibration where it was measured."""
    test: Document = {"test": {name: interval.document() for name, interval in figures.items()}}
    return test if calibration is None else test | {"calibration": calibration.document()}


def describe_population(population: Population, language: Language) -> Document:
    """What the random audits say about every claim of the test side; without enough of them, only that."""
    return {
        "population_figures": {
            "speaks_about": population.speaks_about,
            "sentence": population.sentence(language),
            "claims": population.claims,
            "sampled": population.sampled,
            "audits": population.audits,
            "audits_substantiated": population.found,
            "figures": {name: interval.document() for name, interval in population.figures.items()},
        }
    }


def describe_run(logged: Logged) -> Document:
    """Where MLflow keeps the run; `promoting` adds the alias."""
    return {
        "mlflow": {
            "run_id": logged.run_id,
            "model_name": logged.model_name,
            "model_version": logged.model_version,
            "tracking_uri": logged.tracking_uri,
            "ui_command": logged.ui_command,
        }
    }


def currency_of(book: Book) -> str:
    """The book's currency, or nothing where claims state none or several."""
    rows = book.engine.query("SELECT DISTINCT currency FROM claims WHERE currency IS NOT NULL")
    found = [str(value) for value in rows["currency"].to_pylist()]
    return found[0] if len(found) == 1 else ""
