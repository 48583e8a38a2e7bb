"""What a model knows about its features: an ordered list of names and kinds, and how each one speaks.

Refuses values: those travel in a pandas frame indexed by `claim_id`, one column per
feature in this order, numeric as float64 (null is NaN), categorical as `category`
(null is NaN).
"""

from dataclasses import dataclass
from typing import Literal

FeatureKind = Literal["numeric", "categorical"]


@dataclass(frozen=True)
class FeatureColumn:
    """One feature as a model and a reader see it.

    The sentences are templates with `{value}`; `unit` is `amount`, `days`, `count`,
    `ratio`, `flag` or `""`. They say what the feature measures, never what it proves.
    """

    name: str
    kind: FeatureKind
    unit: str
    sentence_en: str
    sentence_es: str
