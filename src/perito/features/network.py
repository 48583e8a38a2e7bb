"""Features of the claim's neighbourhood: claims one shared party away, and one step further.

Plain counts and ratios, as in Óskarsdóttir et al. (2022) and Deprez et al. (2024); `docs/features.md`
says what each found. Refuses hubs: a party with more than `HUB_CLAIMS` other claims links nobody in
particular, and one with more than `PAIR_CLAIMS` is not followed from claim to claim.
"""

from perito.features.feature import Feature
from perito.features.neighbours import PAIR_CLAIMS

HUB_CLAIMS = 200
"""Other claims up to which what a party knows is counted."""
PRIOR_CLAIMS = 2
"""Decided claims that a lift takes for granted, substantiated as often as in the whole book."""
_WEIGHT_UNITS = 10**12
_PARTY = "h.subject NOT IN ('claim', 'policy', 'line')"
_LINK = f"{_PARTY} AND h.claims_ever <= {HUB_CLAIMS}"
_DECIDED = f"SUM(CASE WHEN {_LINK} THEN h.substantiated + h.not_substantiated END)"
_ANY_PARTY = frozenset({"parties"})
_ANY_OUTCOME = frozenset({"parties", "dispositions.outcome"})


def _lift(substantiated: str, not_substantiated: str) -> str:
    """How many times as often as the book: 1 is as often. Few decided claims stay near 1, and a time of many
    findings does not show in it, as it would in a ratio that leans on the book's."""
    decided = f"SUM({substantiated} + {not_substantiated})"
    usual = "(MAX(n.book_substantiated) / MAX(n.book_substantiated + n.book_not_substantiated))"
    return (
        f"CASE WHEN {decided} > 0 AND MAX(n.book_substantiated) > 0 "
        f"THEN (SUM({substantiated}) / {usual} + {PRIOR_CLAIMS}) / ({decided} + {PRIOR_CLAIMS}) END"
    )


NETWORK_FEATURES = (
    Feature(
        name="parties_count",
        over="history",
        expression=f"COUNT(CASE WHEN {_PARTY} THEN 1 END)",
        unit="count",
        sentence_en="People, businesses and identifiers that the claim names: {value}",
        sentence_es="Personas, empresas e identificadores que nombra el siniestro: {value}",
        null_means="never: a claim without parties counts 0",
        needs=_ANY_PARTY,
    ),
    Feature(
        name="shared_parties_count",
        over="history",
        expression=f"COUNT(CASE WHEN {_LINK} AND h.claims_ever > 0 THEN 1 END)",
        unit="count",
        sentence_en="People, businesses and identifiers known from earlier claims: {value}",
        sentence_es="Personas, empresas e identificadores conocidos de siniestros anteriores: {value}",
        null_means="never: a claim without parties counts 0",
        needs=_ANY_PARTY,
    ),
    Feature(
        name="linked_claims_1y",
        over="history",
        expression=f"SUM(CASE WHEN {_LINK} THEN h.claims_1y END)",
        unit="count",
        sentence_en="Claims of the past year linked to this one by a shared party: {value}",
        sentence_es="Siniestros del último año unidos a este por una parte compartida: {value}",
        null_means="the claim names no party that links it to others",
        needs=_ANY_PARTY,
    ),
    Feature(
        name="linked_substantiated",
        over="history",
        expression=f"SUM(CASE WHEN {_LINK} THEN h.substantiated END)",
        unit="count",
        sentence_en="Substantiated claims linked to this one by a shared party: {value}",
        sentence_es="Siniestros confirmados unidos a este por una parte compartida: {value}",
        null_means="the claim names no party that links it to others",
        needs=_ANY_OUTCOME,
    ),
    Feature(
        name="linked_substantiated_ratio",
        over="history",
        expression=f"CASE WHEN {_DECIDED} > 0 THEN SUM(CASE WHEN {_LINK} THEN h.substantiated END) / {_DECIDED} END",
        unit="ratio",
        sentence_en="Of the investigated claims linked to this one, {value} were substantiated",
        sentence_es="De los siniestros investigados unidos a este, el {value} se confirmó",
        null_means="no claim linked to this one was investigated to a result",
        needs=_ANY_OUTCOME,
    ),
    Feature(
        name="linked_substantiated_weight",
        over="history",
        # A party's substantiated claims weigh by its number of claims, so that a hub says little.
        # Each weight is rounded to a whole number of `_WEIGHT_UNITS`: a sum of doubles would depend on their order.
        expression=f"SUM(CASE WHEN {_PARTY} AND h.claims_ever > 0 "
        f"THEN CAST(ROUND({_WEIGHT_UNITS} * h.substantiated / h.claims_ever) AS BIGINT) END) / {_WEIGHT_UNITS}",
        unit="",
        sentence_en="Weight of the claim's parties in substantiated claims, busy ones counting less: {value}",
        sentence_es="Peso de las partes en siniestros confirmados, menos el de las muy frecuentes: {value}",
        null_means="the claim names no party known from other claims",
        needs=_ANY_OUTCOME,
    ),
    Feature(
        name="linked_claims",
        over="neighbours",
        expression="SUM(n.claims)",
        unit="count",
        sentence_en=f"Different claims reached through parties with at most {PAIR_CLAIMS} others: {{value}}",
        sentence_es=f"Siniestros distintos a los que llevan partes con no más de {PAIR_CLAIMS} otros: {{value}}",
        null_means="never: a claim without neighbours counts 0",
        needs=_ANY_PARTY,
    ),
    Feature(
        name="linked_policyholders",
        over="neighbours",
        expression="COUNT(DISTINCT n.other_policyholder)",
        unit="count",
        sentence_en="Other policyholders whose claims share a party with this one: {value}",
        sentence_es="Otros tomadores cuyos siniestros comparten una parte con este: {value}",
        null_means="never: a claim without neighbours counts 0",
        needs=frozenset({"parties", "policyholders"}),
    ),
    Feature(
        name="linked_twice",
        over="neighbours",
        expression="SUM(CASE WHEN n.shared_parties >= 2 AND n.other_policyholder IS NOT NULL THEN 1 ELSE 0 END)",
        unit="count",
        sentence_en="Claims of other policyholders that share two or more parties with this one: {value}",
        sentence_es="Siniestros de otros tomadores que comparten dos o más partes con este: {value}",
        null_means="never: a claim without neighbours counts 0",
        needs=frozenset({"parties", "policyholders"}),
    ),
    Feature(
        name="linked_substantiated_lift",
        over="neighbours",
        expression=_lift("n.substantiated", "n.not_substantiated"),
        unit="",
        sentence_en="Investigated claims that share a party with this one were substantiated {value} times as often "
        "as usual",
        sentence_es="Los siniestros investigados que comparten una parte con este se confirmaron {value} veces lo "
        "habitual",
        null_means="no claim linked to this one was investigated to a result, or none of the book was substantiated",
        needs=_ANY_OUTCOME,
    ),
    Feature(
        name="further_substantiated_lift",
        over="neighbours",
        expression=_lift("n.further_substantiated", "n.further_not_substantiated"),
        unit="",
        sentence_en="Two steps away, where parties of the linked claims lead, investigated claims were substantiated "
        "{value} times as often as usual",
        sentence_es="A dos pasos, donde llevan las partes de los siniestros unidos, los investigados se confirmaron "
        "{value} veces lo habitual",
        null_means="no claim two steps away was investigated to a result, or none of the book was substantiated",
        needs=_ANY_OUTCOME,
    ),
)
