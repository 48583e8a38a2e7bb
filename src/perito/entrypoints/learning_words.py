"""What was left out and how models were put together, in words and as JSON. Refuses to judge: the folds did."""

from dataclasses import asdict

from perito.domain.words import Language
from perito.evaluation.wording import say
from perito.learning import Blended, Held
from perito.learning.holding import Holding

MOST_NAMED = 5
"""Features that the sentence names, those first that helped most in the past."""


def describe_features(held: Held, language: Language) -> dict[str, object]:
    """Which features are learnt from, which are left out, and the sentence that says so."""
    return {
        "kept": sum(entry.kept for entry in held.evidence),
        "of": len(held.evidence),
        "sentence": features_sentence(held, language),
        "evidence": [asdict(entry) for entry in held.evidence],
    }


def features_sentence(held: Held, language: Language) -> str:
    """How many features are left out because they did not help in a later period, and the most deceptive of them."""
    words, gone = _WORDS[language], [entry for entry in held.evidence if not entry.kept]
    if not gone:
        return say(words["all"], language, of=len(held.evidence))
    deceptive = sorted((entry for entry in gone if entry.past > 0), key=_past, reverse=True)[:MOST_NAMED]
    sentence = say(words["some"], language, gone=len(gone), of=len(held.evidence))
    if not deceptive:
        return sentence
    named = ", ".join(entry.feature for entry in deceptive)
    return sentence + " " + say(words["deceptive"], language, named=named)


def describe_blend(blended: Blended, language: Language) -> dict[str, object]:
    """Weights, calibration, and the sentence that says both."""
    calibration, words = blended.calibration, _WORDS[language]
    parts = ", ".join(
        say("{name} {weight:.2f}", language, name=name, weight=weight) for name, weight in blended.weights.items()
    )
    when = "period" if calibration.period_from else "folds"
    sentence = say(
        words["blend"] + " " + words[when],
        language,
        parts=parts,
        claims=calibration.claims,
        positives=calibration.positives,
        start=calibration.period_from,
        end=calibration.period_to,
    )
    return {"weights": dict(blended.weights), "calibration": asdict(calibration), "sentence": sentence}


def _past(entry: Holding) -> float:
    return entry.past


_WORDS = {
    Language.ENGLISH: {
        "all": "All {of} features helped in the period after the one they were learnt in.",
        "some": "{gone} of {of} features are left out: they did not help in the period after the one they were learnt "
        "in.",
        "deceptive": "Of these, what helped most while learning: {named}.",
        "blend": "The model is a weighted sum ({parts}), its weights chosen by the folds.",
        "period": "Probabilities are calibrated on the {claims} decided claims reported from {start} until before "
        "{end}, {positives} of them substantiated.",
        "folds": "Probabilities are calibrated on the {claims} decided claims of the folds, {positives} of them "
        "substantiated.",
    },
    Language.SPANISH: {
        "all": "Las {of} variables ayudaron en el periodo siguiente a aquel en que se aprendieron.",
        "some": "Se dejan fuera {gone} de {of} variables: no ayudaron en el periodo siguiente a aquel en que se "
        "aprendieron.",
        "deceptive": "De estas, lo que más ayudaba al aprender: {named}.",
        "blend": "El modelo es una suma ponderada ({parts}); los pesos los eligieron las validaciones.",
        "period": "Las probabilidades se calibran con los {claims} siniestros decididos comunicados desde {start} y "
        "antes de {end}, {positives} de ellos confirmados.",
        "folds": "Las probabilidades se calibran con los {claims} siniestros decididos de las validaciones, "
        "{positives} de ellos confirmados.",
    },
}
