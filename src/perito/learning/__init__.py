"""From a book to a chosen model: features, folds, candidates, verdicts, the untouched last period.

The functions that the flow, the command line and a notebook all call. Refuses to choose
anything by the claims kept for reporting.
"""

from perito.learning.blending import BLEND, Blended, blend
from perito.learning.candidates import Candidate, train_candidate
from perito.learning.challenge import Challenge, Contender, challenge, learnt_from
from perito.learning.fairness import describe_burden, measure_burden
from perito.learning.gate import Ruling, rule
from perito.learning.holding import Held, find_what_holds, hold_to
from perito.learning.material import (
    Material,
    gather_material,
    hidden_from_features,
    inputs_learnt_from,
    inputs_to_score,
)
from perito.learning.ranking import Ranking, rank_claims
from perito.learning.verdicts import (
    AT_CAPACITY,
    compare_random_split,
    judge,
    measure,
    measure_calibration,
    measure_population,
)

__all__ = [
    "AT_CAPACITY",
    "BLEND",
    "Blended",
    "Candidate",
    "Challenge",
    "Contender",
    "Held",
    "Material",
    "Ranking",
    "Ruling",
    "blend",
    "challenge",
    "compare_random_split",
    "describe_burden",
    "find_what_holds",
    "gather_material",
    "hidden_from_features",
    "hold_to",
    "inputs_learnt_from",
    "inputs_to_score",
    "judge",
    "learnt_from",
    "measure",
    "measure_burden",
    "measure_calibration",
    "measure_population",
    "rank_claims",
    "rule",
    "train_candidate",
]
