"""From a book to a chosen model: features, folds, candidates, verdicts, the untouched last period.

The functions that the flow, the command line and a notebook all call. Refuses to choose
anything by the claims kept for reporting.
"""

from perito.learning.candidates import Candidate, choose, train_candidate
from perito.learning.challenge import Challenge, Contender, challenge, learnt_from
from perito.learning.gate import Ruling, rule
from perito.learning.material import (
    Material,
    gather_material,
    hidden_from_features,
    inputs_learnt_from,
    inputs_to_score,
)
from perito.learning.ranking import Ranking, rank_claims
from perito.learning.verdicts import AT_CAPACITY, compare_random_split, judge, measure

__all__ = [
    "AT_CAPACITY",
    "Candidate",
    "Challenge",
    "Contender",
    "Material",
    "Ranking",
    "Ruling",
    "challenge",
    "choose",
    "compare_random_split",
    "gather_material",
    "hidden_from_features",
    "inputs_learnt_from",
    "inputs_to_score",
    "judge",
    "learnt_from",
    "measure",
    "rank_claims",
    "rule",
    "train_candidate",
]
