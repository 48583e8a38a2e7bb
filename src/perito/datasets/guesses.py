"""What the columns of an unknown table may mean, by their names and their looks, and how sure that is.

Names are read in English and Spanish. Refuses to be sure of what only the owner can know: a
guess says its reason, and a weak one says what to check.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from perito.datasets.profile import FEW_EXCEPTIONS, Profile, Shape
from perito.domain.words import IDENTIFIER_ROLES, Role

Confidence = Literal["sure", "likely", "unsure"]
NUMBERS: frozenset[Shape] = frozenset({"integer", "number", "comma_number"})
DATES: frozenset[Shape] = frozenset({"date", "datetime"})
FEW_VALUES = 60
"""A text column with more values than this, most of them used once, is no category."""


@dataclass(frozen=True)
class Guess:
    """What one column is taken for.

    `meaning` is a canonical column (`claim_id`), `party:` and a role, `attribute:` and a
    kind, or `left out`.
    """

    column: str
    meaning: str
    confidence: Confidence
    why: str


@dataclass(frozen=True)
class _Rule:
    meaning: str
    shapes: frozenset[Shape]
    pattern: str
    confidence: Confidence = "likely"


_ANY: frozenset[Shape] = frozenset({"integer", "number", "comma_number", "date", "datetime", "text"})
_KEYS: frozenset[Shape] = frozenset({"integer", "text"})
_NUMBERED = r"(id|no|nr|num|number|numero|ref|reference|referencia|code|codigo|key|clave)"
_CLAIM = r"(claim|siniestro|parte|expediente|reclamacion|incident|incidente|loss|case|caso)"
_POLICY = r"(policy|poliza|contract|contrato)"
_HOLDER = r"(policy ?holder|customer|client|cliente|tomador|asegurado|insured|holder|socio)"


def _key(subject: str) -> str:
    return rf"{subject}s? ({_NUMBERED})|({_NUMBERED}) (de )?{subject}"


RULES = (
    _Rule("claim_id", _KEYS, _key(_CLAIM), "sure"),
    _Rule("claim_id", _KEYS, rf"{_CLAIM}|id|row id"),
    _Rule("policy_id", _KEYS, _key(_POLICY), "sure"),
    _Rule("policy_id", _KEYS, _POLICY),
    _Rule("policyholder_id", _KEYS, _key(_HOLDER), "sure"),
    _Rule("loss_date", DATES, r".*\b(loss|accident|accidente|incident|incidente|occurr?\w*|ocurr\w*|event|hecho)\b.*"),
    _Rule("loss_date", DATES, r"(fecha|date|dia) (de |del |of )?siniestro|siniestro fecha"),
    _Rule(
        "known_at", DATES, r".*\b(clos\w+|decision|decided|resolv\w+|resolution|outcome|known|cierre|resolucion)\b.*"
    ),
    _Rule("known_at", DATES, r".*\b(dictamen|veredicto|investigation end)\b.*"),
    _Rule("reported_at", DATES, r".*\b(report\w*|notif\w*|fnol|claim date|date claim|claimed|declaracion)\b.*", "sure"),
    _Rule("reported_at", DATES, r".*\b(comunica\w*|denuncia|aviso|apertura|opened|open|parte|received|recepcion)\b.*"),
    _Rule("expiry_date", DATES, r".*\b(expir\w*|vencimiento|end|fin|caducidad)\b.*"),
    _Rule("inception_date", DATES, r".*\b(inception|start|effective|inicio|efecto|emision|bind|alta)\b.*"),
    _Rule("outcome", _ANY, r".*\b(fraud\w*|sospech\w*|suspicious)\b.*", "sure"),
    _Rule("outcome", _ANY, r"outcome|resultado|dictamen|veredicto|disposition|label|target|etiqueta|clase|class"),
    _Rule("deductible_amount", NUMBERS, r".*\b(deductible|deductable|franquicia|excess|deducible)\b.*"),
    _Rule("premium_amount", NUMBERS, r".*\b(premium|prima)\b.*"),
    _Rule("coverage_amount", NUMBERS, r".*\b(coverage|sum insured|insured sum|suma asegurada|capital|cobertura)\b.*"),
    _Rule("claimed_amount", NUMBERS, r".*\btotal (claim|loss|siniestro).*|claimed amount|claim amount", "sure"),
    _Rule(
        "claimed_amount", NUMBERS, rf".*\b({_CLAIM}|reclamado|claimed)\b.*\b(amount|importe|cost|coste|value|valor)\b.*"
    ),
    _Rule(
        "claimed_amount", NUMBERS, rf".*\b(amount|importe|cuantia|monto|coste)\b.*\b({_CLAIM}|reclamado|claimed)\b.*"
    ),
    _Rule("claimed_amount", NUMBERS, r"amount|importe|cuantia|monto|reclamado"),
    _Rule("currency", frozenset({"text"}), r"currency|moneda|divisa", "sure"),
    _Rule("line_of_business", frozenset({"text"}), r"line of business|lob|ramo|linea de negocio|product line|branch"),
)
"""In order of trust: the first rule that fits takes the first column that fits it."""

PARTIES = {
    Role.GARAGE: r"garage|taller|workshop|repair ?shop|body ?shop",
    Role.BROKER: r"broker|corredor|mediador|agent|agente|intermediary",
    Role.LAWYER: r"lawyer|attorney|solicitor|abogado",
    Role.PHYSICIAN: r"physician|doctor|medico",
    Role.PROVIDER: r"provider|proveedor|clinic|clinica|hospital|perito|expert",
    Role.DRIVER: r"driver|conductor",
    Role.CLAIMANT: r"claimant|reclamante|perjudicado|third party|contrario",
    Role.WITNESS: r"witness|testigo",
    Role.PHONE: r"phone|telephone|mobile|telefono|movil",
    Role.IBAN: r"iban|bank account|cuenta|cuenta bancaria",
    Role.ADDRESS: r"address|direccion|domicilio",
    Role.EMAIL: r"e ?mail|correo",
    Role.PLATE: r"plate|licen[cs]e plate|registration|matricula|placa",
}
_PROTECTED = re.compile(
    r".*\b(gender|sex|sexo|genero|nationality|nacionalidad|race|raza|ethnic\w*|etnia|religion|marital|estado civil|"
    r"disab\w*|discapacidad|postcode|postal|zip|codigo postal)\b.*"
)
_AFTERWARDS = re.compile(
    r".*\b(fraud\w*|suspici\w*|sospech\w*|investigat\w*|investigad\w*|judge?ment|outcome|verdict|dictamen|veredicto|"
    r"decision|resolution|resolucion|settled|settlement|paid|pagado|siu)\b.*"
)


def words_of(name: str) -> str:
    """A column's name as small plain words: `FechaSiniestro_1` is `fecha siniestro 1`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return " ".join(re.findall(r"[a-z0-9]+", apart.lower()))


def is_protected(name: str) -> bool:
    """Whether a column's name speaks of what must not decide about people."""
    return _PROTECTED.fullmatch(words_of(name)) is not None


def guess_columns(profiles: Sequence[Profile]) -> tuple[Guess, ...]:
    """One guess for each column, in the table's order."""
    taken: dict[str, Guess] = {}
    for rule in RULES:
        if rule.meaning not in {guess.meaning for guess in taken.values()}:
            taken |= {guess.column: guess for guess in _candidates(rule, profiles, taken)}
    return tuple(taken.get(profile.name) or _party(profile) or _attribute(profile) for profile in profiles)


def _candidates(rule: _Rule, profiles: Sequence[Profile], taken: dict[str, Guess]) -> Iterator[Guess]:
    for profile in profiles:
        fits = re.fullmatch(rule.pattern, words_of(profile.name)) and profile.shape in rule.shapes
        if fits and profile.name not in taken and _looks_like(rule.meaning, profile):
            yield Guess(profile.name, rule.meaning, rule.confidence, _reason(rule.meaning, profile))
            return


def _looks_like(meaning: str, profile: Profile) -> bool:
    match meaning:
        case "claim_id":
            return profile.is_unique
        case "outcome":
            return 2 <= profile.distinct <= 6
        case "line_of_business" | "currency":
            return profile.distinct <= FEW_VALUES
        case "claimed_amount" | "premium_amount" | "coverage_amount" | "deductible_amount":
            below_zero = sum(count for value, count in profile.counts.items() if value.startswith("-"))
            return below_zero <= FEW_EXCEPTIONS * profile.filled
    return profile.filled > 0


def _reason(meaning: str, profile: Profile) -> str:
    match meaning:
        case "claim_id":
            return "its name, and no value is repeated in the rows read"
        case "outcome":
            return f"its name, and it has {profile.distinct} values"
    return f"its name, and its values are {_SPOKEN[profile.shape]}"


_SPOKEN: dict[Shape, str] = {
    "integer": "whole numbers",
    "number": "numbers",
    "comma_number": "numbers with a decimal comma",
    "date": "dates",
    "datetime": "dates with a time",
    "text": "texts",
}


def _party(profile: Profile) -> Guess | None:
    words = words_of(profile.name)
    for role, pattern in PARTIES.items():
        named = re.fullmatch(
            rf"({pattern})s?( ({_NUMBERED}|name|nombre))?|({_NUMBERED}|nombre) (de |del )?({pattern})", words
        )
        if named and profile.shape in _KEYS and _names_somebody(profile, role, words):
            return Guess(profile.name, f"party:{role}", "likely", "its name, and many values")
    return None


def _names_somebody(profile: Profile, role: Role, words: str) -> bool:
    numbered = re.search(rf"\b{_NUMBERED}\b", words) is not None
    if profile.shape == "integer" and not numbered and role not in IDENTIFIER_ROLES:
        return False
    return profile.distinct > 5 or (profile.distinct > 2 and numbered)


def _attribute(profile: Profile) -> Guess:
    if profile.distinct < 2:
        return Guess(profile.name, "left out", "sure", "it says the same on every row")
    if _AFTERWARDS.fullmatch(words_of(profile.name)):
        return Guess(profile.name, "left out", "unsure", "its name is that of something known only afterwards")
    if profile.shape in DATES:
        return Guess(profile.name, "attribute:date", "likely", "its values are dates")
    return _number(profile) if profile.shape in NUMBERS else _category(profile)


def _number(profile: Profile) -> Guess:
    if is_protected(profile.name):
        return Guess(profile.name, "attribute:categorical", "likely", "a number that is no quantity")
    if re.fullmatch(rf"(id|ref|codigo|code)\b.*|.*\b{_NUMBERED}", words_of(profile.name)):
        return Guess(profile.name, "left out", "unsure", "its name is that of a number that names something")
    if profile.shape == "integer" and profile.is_unique:
        why = "whole numbers, none repeated: a quantity, or a running number?"
        return Guess(profile.name, "attribute:numeric", "unsure", why)
    return Guess(profile.name, "attribute:numeric", "sure", f"its values are {_SPOKEN[profile.shape]}")


def _category(profile: Profile) -> Guess:
    if profile.distinct <= FEW_VALUES and profile.distinct <= profile.filled / 2:
        return Guess(profile.name, "attribute:categorical", "sure", f"it has {profile.distinct} values")
    if profile.distinct <= profile.filled / 10:
        return Guess(profile.name, "attribute:categorical", "unsure", f"it has {profile.distinct} values")
    return Guess(profile.name, "left out", "unsure", "it has nearly as many values as rows: free text, or a name")
