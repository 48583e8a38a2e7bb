"""The leakage verdict in plain words: what was looked for, what was found, and what was done about it.

Refuses to judge: it counts and names the findings of the gates.
"""

from collections.abc import Iterator, Sequence

from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.wording import say


def leakage_sentence(findings: Sequence[Finding], checked: int, language: Language = Language.ENGLISH) -> str:
    """The verdict on leakage as a whole. `checked`: how many columns the gates looked at."""
    words = _WORDS[language]
    looked_for = say(words["looked_for"], language, checked=checked)
    if not findings:
        return f"{words['nothing']} {looked_for}"
    return " ".join((*_parts(findings, language), looked_for))


def what_was_done(action: str, language: Language = Language.ENGLISH) -> str:
    """An action of a finding in plain words."""
    return _ACTIONS[language][action]


def _parts(findings: Sequence[Finding], language: Language) -> Iterator[str]:
    words = _WORDS[language]
    taken: set[str] = set()
    for action in ("blocked", "left_out", "asked"):
        named = [finding.column for finding in findings if finding.action == action and finding.column not in taken]
        columns = tuple(dict.fromkeys(named))
        taken.update(columns)
        if columns:
            yield say(words[action], language, columns=", ".join(columns))
    if not taken:
        yield words["all_kept"]
    warnings = sum(finding.action == "warned" for finding in findings)
    if warnings:
        yield say(words["warning" if warnings == 1 else "warnings"], language, warnings=warnings)


_WORDS = {
    Language.ENGLISH: {
        "nothing": "Nothing was found that the person assessing a claim would not have known.",
        "looked_for": (
            "{checked} columns were checked for knowing the outcome, for being filled in only once somebody decides, "
            "for counting the claim's own outcome and for only marking time; the claims for copies and for parties on "
            "both sides of the split; the split for what only a random one would find."
        ),
        "blocked": "Leaks found: {columns}. Not learnt from, and the model may not become champion.",
        "left_out": "Left out of learning: {columns}.",
        "asked": "Left out until the owner of the data confirms them: {columns}.",
        "all_kept": "No column was left out.",
        "warning": "There is 1 warning.",
        "warnings": "There are {warnings} warnings.",
    },
    Language.SPANISH: {
        "nothing": "No se encontró nada que no hubiera sabido quien valora un siniestro.",
        "looked_for": (
            "Se comprobó si {checked} columnas conocen el resultado, se rellenan solo cuando alguien decide, cuentan "
            "el resultado del propio siniestro o solo marcan el tiempo; si hay siniestros copiados o partes en ambos "
            "lados del reparto; y qué hallaría solo un reparto al azar."
        ),
        "blocked": "Fugas halladas: {columns}. No se aprende de ellas, y el modelo no puede ser campeón.",
        "left_out": "Quedan fuera del aprendizaje: {columns}.",
        "asked": "Quedan fuera hasta que el dueño de los datos las confirme: {columns}.",
        "all_kept": "No se dejó fuera ninguna columna.",
        "warning": "Hay 1 aviso.",
        "warnings": "Hay {warnings} avisos.",
    },
}
_ACTIONS = {
    Language.ENGLISH: {
        "blocked": "not learnt from, and the model may not become champion",
        "left_out": "left out of learning",
        "asked": "left out until the owner confirms it",
        "warned": "warning",
    },
    Language.SPANISH: {
        "blocked": "no se aprende de ella, y el modelo no puede ser campeón",
        "left_out": "queda fuera del aprendizaje",
        "asked": "queda fuera hasta que el dueño la confirme",
        "warned": "aviso",
    },
}
