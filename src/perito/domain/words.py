"""The closed vocabularies of the data contract. Refuses to hold anything open-ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """What the evidence of an investigation showed. No disposition at all means unknown."""

    SUBSTANTIATED = "SUBSTANTIATED"
    NOT_SUBSTANTIATED = "NOT_SUBSTANTIATED"
    INCONCLUSIVE = "INCONCLUSIVE"


class SelectedBy(StrEnum):
    """Why an investigation was opened."""

    ALERT = "alert"
    MANUAL = "manual"
    RANDOM_AUDIT = "random_audit"


class Role(StrEnum):
    """How a party stands to a claim. Identifiers are parties too: sharing one is a link."""

    POLICYHOLDER = "policyholder"
    CLAIMANT = "claimant"
    DRIVER = "driver"
    WITNESS = "witness"
    GARAGE = "garage"
    BROKER = "broker"
    LAWYER = "lawyer"
    PHYSICIAN = "physician"
    PROVIDER = "provider"
    PHONE = "phone"
    IBAN = "iban"
    ADDRESS = "address"
    EMAIL = "email"
    PLATE = "plate"


IDENTIFIER_ROLES = frozenset({Role.PHONE, Role.IBAN, Role.ADDRESS, Role.EMAIL, Role.PLATE})
"""Roles whose `party_id` is a keyed hash of an identifier, never the identifier itself."""


class Language(StrEnum):
    """Languages of reasons and reports."""

    ENGLISH = "en"
    SPANISH = "es"
