"""What a burden says in plain words, and as the run's document holds it. Refuses figures of its own.

Every sentence names its correction and its minimum, so that silence is never taken for equality.
"""

from collections.abc import Iterator

from perito.domain.words import Language
from perito.evaluation.burden import FEWEST_ALERTED, FEWEST_CLEARED, LEVEL, Burden, GroupBurden
from perito.evaluation.wording import say

HIGHEST_SHARE_TOLD_EXACTLY = 0.1
"""Shares below this are told with a decimal."""


def group_name(group: GroupBurden, language: Language = Language.ENGLISH) -> str:
    """The group as a reader meets it: its own name, or words for null and for small groups shown as one."""
    words = _WORDS[language]
    if group.pooled:
        return say(words["pooled"], language, groups=group.pooled, fewest=FEWEST_CLEARED)
    return words["null"] if group.group is None else group.group


def burden_sentence(one: Burden, language: Language = Language.ENGLISH) -> str:
    """The verdict on one attribute: what was alerted, which groups differ beyond chance, which cannot be judged."""
    return " ".join(_sentences(one, language))


def burden_document(one: Burden, label: str, language: Language = Language.ENGLISH) -> dict[str, object]:
    """One entry of the run's `burden`: `label` is the attribute as a reader calls it, in `language`."""
    return {
        "attribute": one.attribute,
        "label": label,
        "proxy": one.proxy,
        "cleared": one.cleared,
        "alerted": one.alerted,
        "correction": "holm",
        "comparisons": one.comparisons,
        "attributes": one.attributes,
        "level": LEVEL,
        "fewest_cleared": FEWEST_CLEARED,
        "differs": bool(one.differs),
        "sentence": burden_sentence(one, language),
        "groups": [
            {
                "group": group.group,
                "name": group_name(group, language),
                "pooled": group.pooled,
                "cleared": group.cleared,
                "alerted": group.alerted,
                "rate": group.rate.document(),
                "ratio": group.ratio.document(),
                "p_value": group.p_value,
                "verdict": group.verdict,
            }
            for group in one.groups
        ],
    }


def _sentences(one: Burden, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    if not one.cleared:
        yield words["none_cleared"]
        return
    yield say(words["counted"], language, alerted=one.alerted, cleared=one.cleared)
    judged = [group for group in one.groups if group.p_value is not None]
    if one.alerted < FEWEST_ALERTED:
        yield say(words["few_alerts"], language, fewest=FEWEST_ALERTED)
    elif not judged:
        yield say(words["none_judged"], language, fewest=FEWEST_CLEARED)
    else:
        yield from _compared(one, judged, language)
    if one.proxy:
        yield words["proxy"]


def _compared(one: Burden, judged: list[GroupBurden], language: Language) -> Iterator[str]:
    words = _WORDS[language]
    for group in one.differs:
        yield _difference(group, one, language)
    if not one.differs:
        yield say(words["alike"], language, level=round(100 * LEVEL), **_family(one))
        highest = [group.ratio.high for group in judged]
        known = [high for high in highest if high is not None]
        yield say(words["up_to" if known == highest else "any_size"], language, factor=max(known, default=0.0))
    small = [group_name(group, language) for group in one.groups if group.p_value is None]
    if small:
        yield say(words["small"], language, names=", ".join(small), fewest=FEWEST_CLEARED)


def _difference(group: GroupBurden, one: Burden, language: Language) -> str:
    words, ratio = _WORDS[language], group.ratio
    rest = (one.alerted - group.alerted) / (one.cleared - group.cleared)
    known = ratio.value is not None and ratio.low is not None and ratio.high is not None
    times = say(words["times"], language, value=ratio.value, low=ratio.low, high=ratio.high) if known else ""
    return say(
        words[group.verdict],
        language,
        group=group_name(group, language),
        share=_percent(group.rate.value or 0.0, language),
        rest=_percent(rest, language),
        times=times,
        p_value=max(group.p_value or 0.0, 0.0001),
        **_family(one),
    )


def _family(one: Burden) -> dict[str, int]:
    return {"comparisons": one.comparisons, "attributes": one.attributes}


def _percent(share: float, language: Language) -> str:
    return say("{share:.1f} %" if share < HIGHEST_SHARE_TOLD_EXACTLY else "{share:.0f} %", language, share=100 * share)


_WORDS = {
    Language.ENGLISH: {
        "null": "not stated",
        "pooled": "{groups} groups with fewer than {fewest} cleared claims each",
        "none_cleared": "No claim of the test side was investigated and cleared, so nothing can be said of any group.",
        "counted": "Of {cleared:,} cleared claims, {alerted:,} were alerted.",
        "few_alerts": "With fewer than {fewest} alerts on cleared claims, groups cannot be compared.",
        "none_judged": "No group has {fewest} cleared claims beside {fewest} of others, so groups cannot be compared.",
        "more_often": (
            "Cleared claims of the group {group} were alerted more often than those of the others: {share} against "
            "{rest}{times}; chance hardly explains it (p = {p_value:.2g}, Holm's correction; comparisons: "
            "{comparisons}, attributes: {attributes})."
        ),
        "less_often": (
            "Cleared claims of the group {group} were alerted less often than those of the others: {share} against "
            "{rest}{times}; chance hardly explains it (p = {p_value:.2g}, Holm's correction; comparisons: "
            "{comparisons}, attributes: {attributes})."
        ),
        "times": ", {value:.1f} times (95 % interval {low:.1f} to {high:.1f})",
        "alike": (
            "No group differs from the others beyond chance (level {level} %, Holm's correction; comparisons: "
            "{comparisons}, attributes: {attributes})."
        ),
        "up_to": "That does not prove them equal: {factor:.1f} times as often as the others would still fit one.",
        "any_size": "That does not prove them equal: with so few alerts, any number of times as often would still fit.",
        "small": "Too few to judge, with fewer than {fewest} cleared claims: {names}.",
        "proxy": "Areas are a proxy: they may stand for what the table does not hold.",
    },
    Language.SPANISH: {
        "null": "no consta",
        "pooled": "{groups} grupos con menos de {fewest} siniestros descartados cada uno",
        "none_cleared": ("Ningún siniestro de la prueba se investigó y descartó: nada puede decirse de ningún grupo."),
        "counted": "De {cleared:,} siniestros descartados, {alerted:,} fueron alertados.",
        "few_alerts": "Con menos de {fewest} alertas sobre siniestros descartados no se pueden comparar grupos.",
        "none_judged": (
            "Ningún grupo tiene {fewest} siniestros descartados junto a otros {fewest} de los demás: no se pueden "
            "comparar."
        ),
        "more_often": (
            "Los siniestros descartados del grupo {group} se alertaron más que los de los demás: {share} frente a "
            "{rest}{times}; el azar apenas lo explica (p = {p_value:.2g}, corrección de Holm; comparaciones: "
            "{comparisons}, atributos: {attributes})."
        ),
        "less_often": (
            "Los siniestros descartados del grupo {group} se alertaron menos que los de los demás: {share} frente a "
            "{rest}{times}; el azar apenas lo explica (p = {p_value:.2g}, corrección de Holm; comparaciones: "
            "{comparisons}, atributos: {attributes})."
        ),
        "times": ", {value:.1f} veces (intervalo del 95 %: de {low:.1f} a {high:.1f})",
        "alike": (
            "Ningún grupo difiere de los demás más allá del azar (nivel del {level} %, corrección de Holm; "
            "comparaciones: {comparisons}, atributos: {attributes})."
        ),
        "up_to": "Eso no prueba que sean iguales: en alguno también cabría {factor:.1f} veces lo de los demás.",
        "any_size": "Eso no prueba que sean iguales: con tan pocas alertas cabría cualquier número de veces.",
        "small": "Demasiado pocos para juzgar, con menos de {fewest} siniestros descartados: {names}.",
        "proxy": "Las zonas son un indicio indirecto: pueden representar lo que la tabla no contiene.",
    },
}
