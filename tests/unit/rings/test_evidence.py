"""What a ring says of itself, in both languages, and on disk."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from perito.domain.words import Language, Outcome, Role
from perito.engine import Engine
from perito.rings import Ring, describe_rings, evidence, find_rings, path_sentence, write_rings
from perito.rings.evidence import shared_sentence
from perito.rings.ring import SharedParty
from tests.books import load_book
from tests.unit.rings.ringed import decided, staged, strangers, together


@pytest.fixture(scope="module")
def ring() -> Ring:
    outcomes = [decided("r-a", 170), decided("r-b", 170), decided("s001", 80, Outcome.NOT_SUBSTANTIATED)]
    with Engine() as engine:
        [found] = find_rings(load_book(engine, together(strangers(), staged(), *outcomes)))
    return found


def account(**changes: int) -> SharedParty:
    counts = {
        "claims": 5,
        "policyholders": 4,
        "substantiated": 3,
        "not_substantiated": 0,
        "claims_in_book": 5,
    } | changes
    return SharedParty(Role.IBAN, "hash", **counts)


@pytest.mark.parametrize(
    ("party", "english", "spanish"),
    [
        (
            account(),
            "A bank account is shared by 5 claims of 4 policyholders, 3 of them substantiated",
            "5 siniestros de 4 tomadores comparten una cuenta bancaria, 3 confirmados",
        ),
        (
            account(claims=2, policyholders=2, substantiated=0, claims_in_book=9),
            "A bank account is shared by 2 claims of 2 policyholders; 9 claims of the whole book name it",
            "2 siniestros de 2 tomadores comparten una cuenta bancaria; figura en 9 de toda la cartera",
        ),
    ],
)
def test_a_shared_party_is_a_sentence(party: SharedParty, english: str, spanish: str) -> None:
    assert shared_sentence(party) == english
    assert shared_sentence(party, Language.SPANISH) == spanish


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.POLICYHOLDER])
def test_every_role_has_words_in_both_languages(role: Role) -> None:
    party = SharedParty(role, "someone", 2, 2, 0, 0, 2)
    assert shared_sentence(party) != shared_sentence(party, Language.SPANISH)


def test_the_evidence_holds_parties_outcomes_time_and_chance(ring: Ring) -> None:
    told = evidence(ring)
    assert "A bank account is shared by 3 claims of 3 policyholders, 2 of them substantiated" in told
    assert "2 of 2 decided claims substantiated; in the whole book 67% are" in told
    assert "All 6 claims were reported within 6 days" in told
    assert told[-1] == f"Chance would make such a group in fewer than one of 10^{int(ring.score)} books"
    spanish = evidence(ring, Language.SPANISH)
    assert len(spanish) == len(told)
    assert "Los 6 siniestros se comunicaron en 6 días" in spanish
    assert not set(spanish) & set(told)


def test_a_path_names_what_ties_the_claim(ring: Ring) -> None:
    [path] = [path for path in ring.claims if path.claim_id == "r-a"]
    assert path_sentence(path).startswith("r-a: ")
    assert {"a bank account", "a phone", "a witness"} == set(path_sentence(path).removeprefix("r-a: ").split(", "))
    assert "un testigo" in path_sentence(path, Language.SPANISH)


def test_json_and_parquet_hold_every_claim_and_its_path(ring: Ring, tmp_path: Path) -> None:
    document = {"rings": describe_rings([ring])}
    written, table = write_rings([ring], document, tmp_path / "rings.json")
    assert json.loads(written.read_text(encoding="utf-8")) == document
    rows = pq.read_table(table).to_pylist()
    assert {(row["ring_id"], row["rank"]) for row in rows} == {(ring.ring_id, 1)}
    assert [(row["claim_id"], row["role"], row["party_id"]) for row in rows] == [
        (path.claim_id, role, party_id) for path in ring.claims for role, party_id in path.parties
    ]


def test_no_rings_are_an_empty_table_of_the_same_columns(ring: Ring, tmp_path: Path) -> None:
    full = pq.read_table(write_rings([ring], {}, tmp_path / "full.json")[1])
    empty = pq.read_table(write_rings([], {}, tmp_path / "empty.json")[1])
    assert empty.num_rows == 0
    assert empty.schema == full.schema


def test_a_score_that_chance_reaches_now_and_then_is_told_as_a_number_of_groups(ring: Ring) -> None:
    doubtful = replace(ring, score=-0.3)
    assert evidence(doubtful)[-1] == "Chance would make 2.0 such groups in the whole book"
    assert evidence(doubtful, Language.SPANISH)[-1] == "El azar formaría 2,0 grupos así en toda la cartera"
