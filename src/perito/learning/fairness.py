"""The burden of one list: alerts on cleared claims of the test side, by protected attribute and by area.

Reads protected attributes from the book's own tables, for this figure alone. Refuses to hand
them to a model, and to choose anything by what it finds.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from perito.datasets.spec import Attribute
from perito.domain.words import Language
from perito.evaluation.burden import Burden, burden
from perito.evaluation.burden_words import burden_document
from perito.evaluation.groups import areas
from perito.study import Study

_AREA = {
    Language.ENGLISH: "{label}: first {digits} characters",
    Language.SPANISH: "{label}: {digits} primeros caracteres",
}
_YEARS = {
    Language.ENGLISH: "{label}: years before the report",
    Language.SPANISH: "{label}: años antes de la comunicación",
}


def measure_burden(study: Study, scores: pd.DataFrame) -> tuple[Burden, ...]:
    """How often the cleared claims of each protected group took a place of the list.

    `scores`: the test side as `score_claims` gives it; a claim counts as alerted within
    capacity. Cleared are the claims whose label the whole book knows to be 0; a claim nobody
    looked at is left out, because nobody knows whether its alert is a burden. Empty where the
    spec names neither a protected attribute nor a postcode. A date, such as that of a birth,
    is read as whole years before the report.
    """
    postcode = study.spec.postcode
    values = protected_values(study).loc[pd.Index(study.plan.test)]
    groups = {
        name: areas(column, postcode.digits) if postcode and name == postcode.attribute else column
        for name, column in values.items()
    }
    alerted = scores.set_index("claim_id")["alert"].loc[values.index]
    label = study.claims.loc[values.index, "label"]
    return burden(alerted, label, {str(name): column for name, column in groups.items()}, proxies=_areas(study))


def describe_burden(burdens: tuple[Burden, ...], study: Study, language: Language) -> list[dict[str, object]]:
    """The document's `burden`: one entry per protected attribute, told in `language`."""
    named = {attribute.name: _label(attribute, study, language) for _, attribute in _attributes(study)}
    return [burden_document(one, named[one.attribute], language) for one in burdens]


def protected_values(study: Study) -> pd.DataFrame:
    """The protected attributes and the postcode of every claim: one row per `claim_id`, null where not stated."""
    chosen = [f'{_expression(alias, attribute)} AS "{attribute.name}"' for alias, attribute in _attributes(study)]
    sql = f"SELECT {', '.join(('c.claim_id', *chosen))} FROM claims AS c LEFT JOIN policies AS p USING (policy_id)"
    return study.book.engine.query(sql).to_pandas().set_index("claim_id")


def _attributes(study: Study) -> Iterator[tuple[str, Attribute]]:
    """The attributes that groups are made of, each with the table it lies in."""
    names = {*study.book.protected, *_areas(study)}
    tables: Mapping[str, tuple[Attribute, ...]] = {"c": study.book.claim_attributes, "p": study.book.policy_attributes}
    return ((alias, one) for alias, attributes in tables.items() for one in attributes if one.name in names)


def _areas(study: Study) -> tuple[str, ...]:
    return (study.spec.postcode.attribute,) if study.spec.postcode else ()


def _expression(alias: str, attribute: Attribute) -> str:
    column = f'{alias}."{attribute.name}"'
    if attribute.kind != "date":
        return column
    return f"FLOOR(DATE_DIFF('day', {column}, CAST(c.reported_at AS DATE)) / 365.25)"


def _label(attribute: Attribute, study: Study, language: Language) -> str:
    label = attribute.label_es if language is Language.SPANISH else attribute.label_en
    if study.spec.postcode and attribute.name == study.spec.postcode.attribute:
        return _AREA[language].format(label=label, digits=study.spec.postcode.digits)
    return _YEARS[language].format(label=label) if attribute.kind == "date" else label
