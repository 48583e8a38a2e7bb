"""Features of the claim's neighbourhood: the claims one shared party away.

Plain counts and ratios, after Deprez et al. (2024), where they beat BiRank and GraphSAGE on an
insurer's own data. Parties with more than `HUB_CLAIMS` claims link nobody in particular and are
left out of the counts; cost stays linear because only each party's own history is read.
"""

from perito.features.feature import Feature

HUB_CLAIMS = 200
_PARTY = "h.subject NOT IN ('claim', 'policy', 'line')"
_LINK = f"{_PARTY} AND h.claims_ever <= {HUB_CLAIMS}"
_DECIDED = f"SUM(CASE WHEN {_LINK} THEN h.substantiated + h.not_substantiated END)"
_ANY_PARTY = frozenset({"parties"})
_ANY_OUTCOME = frozenset({"parties", "dispositions.outcome"})

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
        expression=f"SUM(CASE WHEN {_PARTY} AND h.claims_ever > 0 THEN h.substantiated / h.claims_ever END)",
        unit="",
        sentence_en="Weight of the claim's parties in substantiated claims, busy ones counting less: {value}",
        sentence_es="Peso de las partes en siniestros confirmados, menos el de las muy frecuentes: {value}",
        null_means="the claim names no party known from other claims",
        needs=_ANY_OUTCOME,
    ),
)
