"""The run's document: what `perito run --json` prints and `run.json` holds. Other programs read it.

Refuses figures of its own: everything here was computed elsewhere. Keys are only ever added.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version

from perito.datasets.book import Book
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.learnability import Learnability
from perito.evaluation.metrics import Figures, claims_at_capacity, why_no_figures
from perito.evaluation.split import describe_split
from perito.learning import Candidate
from perito.registry import Logged
from perito.study import Study
from perito.validation import Validated

Document = dict[str, object]

_LABELS = {
    (Language.ENGLISH, "leave_out"): "Claims nobody investigated are unknown: they are left out of learning.",
    (Language.ENGLISH, "unlabelled"): "Claims nobody investigated count as not substantiated while learning.",
    (Language.SPANISH, "leave_out"): "Los siniestros que nadie investigó son desconocidos: no se aprende de ellos.",
    (Language.SPANISH, "unlabelled"): "Los siniestros que nadie investigó cuentan como no confirmados al aprender.",
}
POPULATION = {
    (Language.ENGLISH, "time"): "The test figures speak about the {labelled} claims reported from {test_from} on "
    "whose outcome is known, of {claims} reported then.",
    (Language.ENGLISH, "group"): "The table has no usable order in time: the test figures speak about {labelled} "
    "claims of policies kept apart at random, not about next year.",
    (Language.ENGLISH, "random"): "The table has no usable order in time: the test figures speak about {labelled} "
    "claims kept apart at random, not about next year.",
    (Language.ENGLISH, "unlabelled"): "Every claim with a known outcome was learnt from; the list ranks the {claims} "
    "others.",
    (Language.SPANISH, "time"): "Las cifras de prueba hablan de los {labelled} siniestros comunicados desde "
    "{test_from} cuyo resultado se conoce, de {claims} comunicados entonces.",
    (Language.SPANISH, "group"): "La tabla no tiene un orden útil en el tiempo: las cifras hablan de {labelled} "
    "siniestros de pólizas apartadas al azar, no del año que viene.",
    (Language.SPANISH, "random"): "La tabla no tiene un orden útil en el tiempo: las cifras hablan de {labelled} "
    "siniestros apartados al azar, no del año que viene.",
    (Language.SPANISH, "unlabelled"): "Se aprendió de todos los siniestros con resultado conocido; la lista ordena los "
    "otros {claims}.",
}
"""Which claims the test figures speak about, for every kind of split in every language."""


@dataclass(frozen=True)
class Verdicts:
    """What the gates said of a study, and which candidate the folds chose."""

    chosen: str
    leakage: tuple[Finding, ...]
    learnability: Learnability


def describe_data(study: Study, validated: Validated, language: Language) -> Document:
    """The part of the document that is known before anything is learnt."""
    spec = study.spec
    split = describe_split(study.plan, study.claims)
    learning = study.learning["label"]
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
        "labels": {"unknown": spec.unknown, "sentence": _LABELS[language, spec.unknown]},
        "population": " ".join(filter(None, (_population(study, language), _why_no_figures(study, language)))),
        "capacity": {
            "share": spec.desk.capacity_share,
            "claims": claims_at_capacity(spec.desk.capacity_share, len(study.plan.test)),
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
    return POPULATION[language, study.plan.kind].format(
        claims=len(study.plan.test), labelled=len(study.reported_on), test_from=study.plan.test_from
    )


def _why_no_figures(study: Study, language: Language) -> str:
    return why_no_figures(study.reported_on["label"], language=language)


def describe_learning(
    candidates: Mapping[str, Candidate], skipped: Mapping[str, str], verdicts: Verdicts, language: Language
) -> Document:
    """The part about verdicts and candidates."""
    learnable = verdicts.learnability
    by_amount = learnable.auc_by_amount
    return {
        "verdicts": {
            "leakage": [asdict(finding) for finding in verdicts.leakage],
            "learnability": {
                "verdict": learnable.verdict,
                "sentence": learnable.sentence(language),
                "auc": learnable.auc.document(),
                "auc_by_amount": by_amount.document() if by_amount else None,
                "p_value": learnable.p_value,
            },
        },
        "models": {
            name: {"seconds": round(one.seconds, 2), "metrics": dict(one.metrics)} for name, one in candidates.items()
        },
        "skipped_models": dict(skipped),
        "chosen": verdicts.chosen,
    }


def describe_test(figures: Figures) -> Document:
    """The figures on the claims kept for reporting, each with its interval."""
    return {"test": {name: interval.document() for name, interval in figures.items()}}


def describe_run(logged: Logged) -> Document:
    """Where MLflow keeps the run."""
    return {
        "mlflow": {
            "run_id": logged.run_id,
            "model_name": logged.model_name,
            "model_version": logged.model_version,
            "alias": logged.alias,
            "alias_reason": logged.alias_reason,
            "tracking_uri": logged.tracking_uri,
            "ui_command": logged.ui_command,
        }
    }


def currency_of(book: Book) -> str:
    """The book's currency, or nothing where claims state none or several."""
    rows = book.engine.query("SELECT DISTINCT currency FROM claims WHERE currency IS NOT NULL")
    found = [str(value) for value in rows["currency"].to_pylist()]
    return found[0] if len(found) == 1 else ""
