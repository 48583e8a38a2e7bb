"""The catalogue: every feature Perito can build, in the order a reader meets them.

Refuses to guess: a feature is built when the book provides what it needs, and listed as not
applicable otherwise.
"""

from perito.datasets.book import Book
from perito.datasets.spec import Attribute
from perito.features.claim import CLAIM_FEATURES
from perito.features.feature import Feature
from perito.features.network import NETWORK_FEATURES
from perito.features.party import PARTY_FEATURES
from perito.features.policy import POLICY_FEATURES

CATALOGUE: tuple[Feature, ...] = (*CLAIM_FEATURES, *POLICY_FEATURES, *PARTY_FEATURES, *NETWORK_FEATURES)


def attribute_feature(attribute: Attribute, table: str) -> Feature:
    """The feature that a source's own column becomes; `table` is `claims` or `policies`."""
    column = f'{"c" if table == "claims" else "p"}."{attribute.name}"'
    is_date = attribute.kind == "date"
    return Feature(
        name=f"{attribute.name}_days" if is_date else attribute.name,
        over="claim",
        expression=f"DATE_DIFF('day', {column}, CAST(c.reported_at AS DATE))" if is_date else column,
        unit="days" if is_date else "",
        sentence_en=f"{attribute.label_en}: {{value}}" + (" before the report" if is_date else ""),
        sentence_es=f"{attribute.label_es}: {{value}}" + (" antes de la comunicación" if is_date else ""),
        null_means="the source has no value",
        needs=frozenset(),
        kind="categorical" if attribute.kind == "categorical" else "numeric",
    )


def provided(book: Book) -> frozenset[str]:
    """What the book provides, with what follows from it: any parties, any policyholder."""
    more = set()
    if any(name.startswith("parties.") for name in book.provides):
        more.add("parties")
    if book.provides & {"parties.policyholder", "policies.policyholder_id"}:
        more.add("policyholders")
    return book.provides | more


def applicable(book: Book) -> tuple[Feature, ...]:
    """The features of this book: those of the catalogue it provides for, then its own attributes.

    Protected attributes are no features.
    """
    has = provided(book)
    own = (
        *(attribute_feature(a, "claims") for a in book.claim_attributes if a.name not in book.protected),
        *(attribute_feature(a, "policies") for a in book.policy_attributes if a.name not in book.protected),
    )
    return (*(feature for feature in CATALOGUE if feature.needs <= has), *own)


def not_applicable(book: Book) -> tuple[tuple[Feature, tuple[str, ...]], ...]:
    """The features this book cannot have, each with what is missing."""
    has = provided(book)
    return tuple((feature, tuple(sorted(feature.needs - has))) for feature in CATALOGUE if not feature.needs <= has)
