"""Claims of a book ranked by a model that was trained before: the one way, for the command line and the schedule."""

from dataclasses import dataclass

import pandas as pd

from perito.datasets.book import Book
from perito.datasets.spec import DatasetSpec
from perito.domain.words import Language
from perito.entrypoints.console import show_progress
from perito.entrypoints.document import currency_of
from perito.evaluation.places import Places
from perito.models.interface import Model, select_features
from perito.scoring import Stakes, UsualValues, draw_audits, score_claims


@dataclass(frozen=True)
class Manner:
    """How claims are ranked: the desk's places, how many get reasons, in which language, and the audits' seed."""

    places: Places
    explained: int
    language: Language
    seed: int


def rank_claims_of(
    book: Book, spec: DatasetSpec, frame: pd.DataFrame, model: tuple[Model, UsualValues], manner: Manner
) -> pd.DataFrame:
    """Score the claims of `frame`, explain the first ones, alert those the desk can open, and draw the audits.

    Raises
    ------
    FeatureMismatch
        The claims lack a feature that the model learnt from.
    """
    learnt, usual = model
    amounts = book.engine.query("SELECT claim_id, claimed_amount FROM claims").to_pandas().set_index("claim_id")
    scores = score_claims(
        learnt,
        select_features(frame, learnt.columns),
        usual,
        capacity=manner.places.ranked,
        stakes=Stakes(amounts["claimed_amount"], spec.money, spec.desk.rank_by),
        language=manner.language,
        currency=currency_of(book),
        explain=manner.explained,
        progress=show_progress,
    )
    return draw_audits(scores, manner.places.audited, seed=manner.seed)
