"""Lays the parts of the report out as one HTML page that needs nothing else: no network, no script.

Everything shown is escaped by the templates; pictures are embedded as images, which cannot act.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from perito.domain.errors import SourceError
from perito.domain.words import Language
from perito.report.alerts import alerts_of
from perito.report.burden import burden_of
from perito.report.learnt import learnt_of
from perito.report.rings import rings_of
from perito.report.tables import figures_of, models_of, population_of, rows_of, steps_of
from perito.report.texts import PLOTS, TEXTS, Speech
from perito.report.verdict import Document, verdict_of
from perito.scoring.wording import Wording

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Picture:
    """One plot as a `data:` address, with the words for those who cannot see it."""

    title: str
    address: str


def render_report(
    document: Document,
    scores: pd.DataFrame,
    plots: Mapping[str, Path],
    *,
    language: Language = Language.ENGLISH,
    claim_facts: pd.DataFrame | None = None,
) -> str:
    """The report of one run as a self-contained HTML page.

    The verdict comes first, then the alerted claims with their reasons, then the figures.
    Where nothing could be learnt, the page says so first and marks the list as not validated.

    Parameters
    ----------
    document
        The content of `run.json`; `mlflow` and `prefect` may still be missing from it.
    scores
        What `score_claims` returns; its alerted claims are listed.
    plots
        Plot name to SVG file, in the order shown.
    claim_facts
        Facts to show beside a claim, indexed by claim_id: any of `claimed_amount`,
        `reported_at`, `loss_date`, `line_of_business`, `policy_id`, `currency`.

    Raises
    ------
    SourceError
        When a plot cannot be read.
    """
    speech = Speech(Wording(language, document["currency"] or ""))
    alerts = alerts_of(scores, claim_facts, speech)
    number = speech.wording.number
    return (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            language=language.value,
            t={key: text[language] for key, text in TEXTS.items()},
            say=speech.say,
            verdict=verdict_of(document, speech),
            alerts=alerts,
            count={"alerts": number(alerts.total), "folded": number(len(alerts.folded)), "rest": number(alerts.rest)},
            figures=figures_of(document, speech),
            population=population_of(document, speech),
            models=models_of(document, speech),
            burden=burden_of(document, speech),
            learnt=learnt_of(document, speech),
            pictures=[_picture(name, path, speech) for name, path in plots.items()],
            rings=rings_of(document, speech),
            rows=rows_of(document, speech),
            steps=steps_of(document, speech),
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _picture(name: str, path: Path, speech: Speech) -> Picture:
    try:
        drawn = path.read_bytes()
    except OSError as failure:
        remedy = "Run again; the plots are drawn before the report."
        raise SourceError("A plot of the report cannot be read.", where=str(path), remedy=remedy) from failure
    return Picture(speech.named(PLOTS, name), f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}")
