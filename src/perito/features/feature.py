"""What one feature is: a SQL expression, what it needs, and the sentence an investigator reads.

Refuses features without a sentence in both languages: the first line is a reason.
"""

from dataclasses import dataclass
from typing import Literal

from perito.features.columns import FeatureColumn, FeatureKind

Over = Literal["claim", "history", "neighbours"]


@dataclass(frozen=True)
class Feature:
    """One feature of the catalogue, one value per `claim_id`.

    `over` names the rows that `expression` reads. `claim`: one row, the claim `c` beside
    its policy `p`. `history`: an aggregate over the rows `h`, one per party of the claim
    (and its policy and line of business), which hold what was known about that party
    before the claim was assessed; see `perito.features.history`. `neighbours`: an aggregate
    over the rows `n`, one per claim that shares a party with it; see `perito.features.neighbours`.

    `needs` lists what a book must provide (`claims.claimed_amount`, `parties.garage`).
    `null_means` says in words when there is no value.
    """

    name: str
    over: Over
    expression: str
    unit: str
    sentence_en: str
    sentence_es: str
    null_means: str
    needs: frozenset[str]
    kind: FeatureKind = "numeric"

    @property
    def column(self) -> FeatureColumn:
        """The feature as models and readers see it, without its SQL."""
        return FeatureColumn(self.name, self.kind, self.unit, self.sentence_en, self.sentence_es)
