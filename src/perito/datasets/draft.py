"""A first spec for an unknown table: what the columns seem to mean, and a CHECK where that is not sure.

What it writes is accepted by `load_spec`. Refuses to decide silently what only the owner of
the table knows: money, capacity, and whether "no" means honest or never looked at.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perito.datasets.book import CLAIMS, POLICIES
from perito.datasets.expressions import referenced
from perito.datasets.guesses import DATES, Guess, guess_columns, is_protected, words_of
from perito.datasets.profile import Profile, profile_file
from perito.domain.errors import SpecError
from perito.engine import Engine, quoted

YES = (
    "1",
    "1.0",
    "true",
    "t",
    "yes",
    "y",
    "si",
    "sí",
    "s",
    "fraud",
    "fraude",
    "fraudulent",
    "substantiated",
    "confirmed",
)
NO = ("0", "0.0", "false", "f", "no", "n", "not fraud", "no fraude", "legit", "genuine", "not_substantiated", "honest")
CLAIM_COLUMNS = ("policy_id", "line_of_business", "loss_date", "reported_at", "claimed_amount", "currency")
POLICY_COLUMNS = tuple(name for name in POLICIES if name != "policy_id")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Draft:
    """A spec to be read by a person, and the guesses that it is made of, one for each column."""

    toml: str
    guesses: tuple[Guess, ...]


def draft_spec(path: Path, engine: Engine) -> Draft:
    """Draft a spec for one CSV or Parquet file from its first rows.

    Parameters
    ----------
    path
        The file. The spec names it without its folder.
    engine
        Reads Parquet.

    Raises
    ------
    SourceError
        When the file is missing, empty, or neither delimited text nor Parquet.
    """
    profiles = profile_file(path, engine)
    names = [profile.name for profile in profiles]
    profiles = tuple(profile for profile in profiles if profile.name and names.count(profile.name) == 1)
    guesses = guess_columns(profiles)
    return Draft(_Writer(path.name, profiles, guesses).toml(), guesses)


class _Writer:
    """Puts guesses into TOML, a section at a time."""

    def __init__(self, file: str, profiles: Sequence[Profile], guesses: Sequence[Guess]) -> None:
        self._file = file
        self._profiles = {profile.name: profile for profile in profiles}
        self._guesses = guesses
        self._by_meaning = {guess.meaning: guess for guess in guesses}
        policy = self._by_meaning.get("policy_id")
        found = any(name in self._by_meaning for name in POLICY_COLUMNS)
        self._has_policies = found and policy is not None and self._profiles[policy.column].is_unique

    def toml(self) -> str:
        sections = (
            *(self._head(), self._source(), self._claims(), self._attributes(), self._policies()),
            *(self._parties(), self._dispositions(), self._judgement()),
        )
        texts = ("\n".join(section) for section in sections)
        return "\n\n".join(text for text in texts if text) + "\n"

    def _head(self) -> Iterator[str]:
        name = re.sub(r"[^a-z0-9]+", "-", words_of(self._file.rsplit(".", 1)[0])).strip("-") or "my-claims"
        yield f"# Drafted from the first rows of {_text(self._file)}. Every line with CHECK wants a person's eyes."
        yield f"name = {_text(name)}"
        yield f"title = {_text(name.replace('-', ' ').capitalize())}  # CHECK: write what this table is"
        if not self._time():
            yield 'assessed_at = "end_of_book"  # CHECK: no date of a report was found, so claims have no order in time'
        protected = [name for name, guess in self._attribute_names().items() if is_protected(guess.column)]
        if protected:
            names = ", ".join(_text(name) for name in protected)
            yield f"protected = [{names}]  # CHECK: kept for fairness figures, no features"

    def _source(self) -> Iterator[str]:
        yield "[sources.claims]"
        yield f"file = {_text(self._file)}"
        dated = [p for p in self._profiles.values() if p.formats]
        if not dated:
            return
        yield "\n[sources.claims.types]"
        for profile in dated:
            check = "  # CHECK: day and month could be the other way round" if profile.ambiguous else ""
            yield f"{_text(profile.name)} = {_text(f'{profile.shape}:' + '|'.join(profile.formats))}{check}"

    def _claims(self) -> Iterator[str]:
        yield "[claims]"
        yield 'source = "claims"'
        yield from self._line("claim_id", "CAST(_row AS VARCHAR)", "no column names a claim; the row's number does")
        for meaning in CLAIM_COLUMNS:
            if meaning in self._by_meaning:
                yield from self._line(meaning)
        if "reported_at" not in self._by_meaning:
            if "loss_date" in self._by_meaning:
                yield self._checked("reported_at", self._value("loss_date"), "no date of a report; the loss stands in")
            else:
                yield self._checked("reported_at", "DATE '2000-01-01'", "no date of a report was found")

    def _attributes(self) -> Iterator[str]:
        named = self._attribute_names()
        left_out = [guess for guess in self._guesses if guess.meaning == "left out"]
        if not named and not left_out:
            return
        yield "[claims.attributes]"
        for name, guess in named.items():
            kind = guess.meaning.removeprefix("attribute:") if guess.meaning.startswith("attribute:") else "numeric"
            kind = "date" if self._profiles[guess.column].shape in DATES else kind
            label = _text(words_of(guess.column).capitalize() or name)
            check = f"  # CHECK: {guess.why}" if guess.confidence == "unsure" else ""
            value = _text(self._expression(guess.column))
            yield f'{name} = {{ kind = "{kind}", value = {value}, en = {label}, es = {label} }}{check}'
        for guess in left_out:
            check = "CHECK: left out" if guess.confidence == "unsure" else "Left out"
            yield f"# {check}: {_text(guess.column)}: {guess.why}."

    def _policies(self) -> Iterator[str]:
        if self._has_policies:
            yield "[policies]"
            yield 'source = "claims"'
            yield from self._line("policy_id")
            for meaning in POLICY_COLUMNS:
                if meaning in self._by_meaning:
                    yield from self._line(meaning)

    def _parties(self) -> Iterator[str]:
        for guess in self._guesses:
            holder = guess.meaning == "policyholder_id" and not self._has_policies
            if holder or guess.meaning.startswith("party:"):
                role = "policyholder" if holder else guess.meaning.removeprefix("party:")
                yield f'[[parties]]\nrole = "{role}"  # CHECK: {guess.why}'
                yield f"party_id = {_text(self._expression(guess.column))}\n"

    def _dispositions(self) -> Iterator[str]:
        guess = self._by_meaning.get("outcome")
        if guess is None:
            yield "# CHECK: no column of outcomes was found. Without [dispositions] nothing can be learnt."
            return
        words = {value.lower() for value in self._profiles[guess.column].counts}
        unknown = len(words - {*YES, *NO})
        yield "[dispositions]"
        if unknown:
            yield f"# CHECK: {unknown} words of this column are not understood; say what they mean."
        if words & {*NO}:
            yield "# CHECK: does no mean investigated and not substantiated? If it means never looked at, take it out."
        yield f"outcome = {_text(_outcome(_named(guess.column), words))}"
        why = "no date of the outcome was found; known on the day of the report is too good to be true"
        known = "reported_at" if "reported_at" in self._by_meaning else "loss_date"
        fallback = self._value(known) if known in self._by_meaning else "DATE '2000-01-01'"
        yield from self._line("known_at", fallback, why)

    def _judgement(self) -> Iterator[str]:
        yield '[labels]\nunknown = "leave_out"  # claims without an outcome are not learnt from\n'
        yield "[split]"
        yield 'kind = "time"\ntest_share = 0.25' if self._time() else 'kind = "random"\ntest_share = 0.25'
        yield "\n[desk]\ncapacity_share = 0.05  # CHECK: the share of claims that the desk can open"
        yield "\n[money]\ninvestigation_cost = 400  # CHECK: what one investigation costs"
        yield "recoverable_share = 0.6  # CHECK: the part of the amount that a substantiated claim saves"
        if "claimed_amount" not in self._by_meaning:
            yield "typical_amount = 5000  # CHECK: the table has no claimed amount"

    def _time(self) -> bool:
        return "reported_at" in self._by_meaning or "loss_date" in self._by_meaning

    def _attribute_names(self) -> dict[str, Guess]:
        names: dict[str, Guess] = {}
        for guess in self._guesses:
            spare = guess.meaning in POLICY_COLUMNS and not self._has_policies
            if guess.meaning.startswith("attribute:") or (spare and guess.meaning != "policyholder_id"):
                names[_free_name(guess.column, names)] = guess
        return names

    def _line(self, meaning: str, fallback: str = "", why: str = "") -> Iterator[str]:
        guess = self._by_meaning.get(meaning)
        if guess is None:
            yield self._checked(meaning, fallback, why)
        elif guess.confidence == "sure":
            yield f"{meaning} = {_text(self._expression(guess.column))}"
        else:
            yield self._checked(meaning, self._expression(guess.column), guess.why)

    def _checked(self, key: str, expression: str, why: str) -> str:
        return f"{key} = {_text(expression)}  # CHECK: {why}"

    def _value(self, meaning: str) -> str:
        return self._expression(self._by_meaning[meaning].column)

    def _expression(self, column: str) -> str:
        profile, expression = self._profiles[column], _named(column)
        for word in profile.missing:
            expression = f"nullif({expression}, '{word.replace(chr(39), chr(39) * 2)}')"
        if profile.shape == "comma_number":
            return f"CAST(replace(replace({expression}, '.', ''), ',', '.') AS DOUBLE)"
        return expression


def _outcome(column: str, words: Collection[str]) -> str:
    branches = [f"WHEN '{word}' THEN 'SUBSTANTIATED'" for word in YES if word in words]
    branches += [f"WHEN '{word}' THEN 'NOT_SUBSTANTIATED'" for word in NO if word in words]
    said = f"CAST({column} AS VARCHAR)"
    return f"CASE lower({said}) {' '.join(branches)} ELSE {said} END" if branches else said


def _free_name(column: str, taken: dict[str, Guess]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", words_of(column)).strip("_") or "column"
    if not name[0].isalpha() or name in CLAIMS or name in POLICIES:
        name = f"own_{name}"
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789_')}_{number}", number + 1
    return name


def _named(column: str) -> str:
    try:
        return column if _PLAIN.fullmatch(column) and referenced(column) == {column} else quoted(column)
    except SpecError:
        return quoted(column)


def _text(value: str) -> str:
    if '"' in value and value.isprintable() and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
