"""A model's opinion of each claim: score, rank, alert and reasons. Refuses to learn or to judge the model."""

from perito.scoring.audits import draw_audits
from perito.scoring.claims import Progress, explain_claims, score_claims
from perito.scoring.money import Stakes, desk_order, expected_net_money
from perito.scoring.usual import FILE_NAME as USUAL_FILE
from perito.scoring.usual import Usual, UsualValues, read_usual, usual_values, write_usual
from perito.scoring.wording import Wording
from perito.scoring.writers import write_scores

__all__ = [
    "USUAL_FILE",
    "Progress",
    "Stakes",
    "Usual",
    "UsualValues",
    "Wording",
    "desk_order",
    "draw_audits",
    "expected_net_money",
    "explain_claims",
    "read_usual",
    "score_claims",
    "usual_values",
    "write_scores",
    "write_usual",
]
