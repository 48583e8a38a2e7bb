"""Features of the people, businesses and identifiers on the claim, from what was known about each before.

A claim with several parties in one role takes the highest value among them.
"""

from perito.domain.words import Role
from perito.features.feature import Feature

BUSINESSES = {
    Role.GARAGE: ("garage", "el taller"),
    Role.BROKER: ("broker", "el mediador"),
    Role.LAWYER: ("lawyer", "el abogado"),
    Role.PHYSICIAN: ("physician", "el médico"),
    Role.PROVIDER: ("provider", "el proveedor"),
}
PERSONS = {
    Role.POLICYHOLDER: ("policyholder", "el tomador"),
    Role.CLAIMANT: ("claimant", "el reclamante"),
    Role.DRIVER: ("driver", "el conductor"),
    Role.WITNESS: ("witness", "el testigo"),
}
IDENTIFIERS = {
    Role.PHONE: ("phone number", "el teléfono"),
    Role.IBAN: ("bank account", "la cuenta bancaria"),
    Role.ADDRESS: ("address", "la dirección"),
    Role.EMAIL: ("e-mail address", "el correo electrónico"),
    Role.PLATE: ("number plate", "la matrícula"),
}
NOUNS = BUSINESSES | PERSONS | IDENTIFIERS


def _highest(role: Role, measure: str) -> str:
    return f"MAX(CASE WHEN h.subject = '{role}' THEN {measure} END)"


def _absent(role: Role) -> str:
    return f"the claim names no {NOUNS[role][0]}"


def claims_within(role: Role, window: str, *, english: str, spanish: str) -> Feature:
    """How many other claims the party was part of in the window before the assessment."""
    noun, nombre = NOUNS[role]
    return Feature(
        name=f"{role}_claims_{window}",
        over="history",
        expression=_highest(role, f"h.claims_{window}"),
        unit="count",
        sentence_en=f"Other claims naming the {noun} in the {english} before this one: {{value}}",
        sentence_es=f"Otros siniestros con {nombre} en {spanish} anteriores a este: {{value}}",
        null_means=_absent(role),
        needs=frozenset({f"parties.{role}"}),
    )


def mean_amount(role: Role) -> Feature:
    """What the party's other claims of the past year asked for on average."""
    noun, nombre = NOUNS[role]
    return Feature(
        name=f"{role}_amount_mean_1y",
        over="history",
        expression=_highest(role, "CASE WHEN h.amounts_1y > 0 THEN h.amount_1y / h.amounts_1y END"),
        unit="amount",
        sentence_en=f"The {noun}'s other claims of the past year asked for {{value}} on average",
        sentence_es=f"Los otros siniestros del último año con {nombre} pedían {{value}} de media",
        null_means=f"{_absent(role)}, or its other claims of the year state no amount",
        needs=frozenset({f"parties.{role}", "claims.claimed_amount"}),
    )


def substantiated(role: Role) -> Feature:
    """How many of the party's other claims were already known to be substantiated."""
    noun, nombre = NOUNS[role]
    return Feature(
        name=f"{role}_substantiated",
        over="history",
        expression=_highest(role, "h.substantiated"),
        unit="count",
        sentence_en=f"Other claims naming the {noun} that investigators substantiated: {{value}}",
        sentence_es=f"Otros siniestros con {nombre} que la investigación confirmó: {{value}}",
        null_means=_absent(role),
        needs=frozenset({f"parties.{role}", "dispositions.outcome"}),
    )


def substantiated_ratio(role: Role) -> Feature:
    """Of the party's other claims that were investigated to a result, the share substantiated."""
    noun, nombre = NOUNS[role]
    decided = "h.substantiated + h.not_substantiated"
    return Feature(
        name=f"{role}_substantiated_ratio",
        over="history",
        expression=_highest(role, f"CASE WHEN {decided} > 0 THEN h.substantiated / ({decided}) END"),
        unit="ratio",
        sentence_en=f"Of the {noun}'s other investigated claims, {{value}} were substantiated",
        sentence_es=f"De los otros siniestros investigados con {nombre}, el {{value}} se confirmó",
        null_means=f"{_absent(role)}, or none of its other claims was investigated to a result",
        needs=frozenset({f"parties.{role}", "dispositions.outcome"}),
    )


def other_policyholders(role: Role) -> Feature:
    """How many other policyholders used the identifier on earlier claims."""
    noun, nombre = NOUNS[role]
    return Feature(
        name=f"{role}_policyholders",
        over="history",
        expression=_highest(role, "h.other_policyholders"),
        unit="count",
        sentence_en=f"Other policyholders who used the {noun} on earlier claims: {{value}}",
        sentence_es=f"Otros tomadores con {nombre} en siniestros anteriores: {{value}}",
        null_means=f"{_absent(role)}, or no policyholder is known",
        needs=frozenset({f"parties.{role}", "policyholders"}),
    )


def _quarter(role: Role) -> Feature:
    return claims_within(role, "90d", english="90 days", spanish="los 90 días")


def _year(role: Role) -> Feature:
    return claims_within(role, "1y", english="year", spanish="los 12 meses")


PARTY_FEATURES = (
    *(make(role) for role in BUSINESSES for make in (_quarter, _year, mean_amount, substantiated, substantiated_ratio)),
    *(make(role) for role in PERSONS for make in (_quarter, _year, substantiated)),
    *(make(role) for role in IDENTIFIERS for make in (_year, other_policyholders, substantiated)),
)
