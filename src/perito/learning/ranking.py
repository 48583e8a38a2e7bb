"""The list: every claim of the test side scored, explained, and as many alerts as the desk can open."""

from dataclasses import dataclass

import pandas as pd

from perito.domain.words import Language
from perito.evaluation.places import desk_places
from perito.learning.candidates import Candidate
from perito.learning.material import Material, inputs_learnt_from, inputs_to_score
from perito.learning.opening import stakes_of
from perito.scoring import Progress, UsualValues, draw_audits, score_claims, usual_values


@dataclass(frozen=True)
class Ranking:
    """The scored test side, as `score_claims` gives it, with what is usual among the claims learnt from."""

    scores: pd.DataFrame
    usual: UsualValues


def rank_claims(
    material: Material,
    candidate: Candidate,
    language: Language = Language.ENGLISH,
    currency: str = "",
    *,
    progress: Progress | None = None,
) -> Ranking:
    """Score and explain every claim of the test side, and alert those the desk can open and that are worth it.

    The desk's audit share of them goes to claims drawn at random by the study's seed.
    """
    usual = usual_values(inputs_learnt_from(material), material.columns)
    inputs = inputs_to_score(material)
    places = desk_places(material.study.spec.desk, len(inputs))
    scores = score_claims(
        candidate.model,
        inputs,
        usual,
        capacity=places.ranked,
        stakes=stakes_of(material.study),
        language=language,
        currency=currency,
        progress=progress,
    )
    return Ranking(draw_audits(scores, places.audited, seed=material.study.seed), usual)
