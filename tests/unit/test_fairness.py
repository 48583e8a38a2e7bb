"""The burden of a real list: read from claims and policies, by area, of cleared claims of the test side alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from perito.datasets.reader import load_spec
from perito.datasets.spec import Attribute, Postcode
from perito.domain.words import Language
from perito.engine import Engine
from perito.evaluation.burden import Burden
from perito.features.catalogue import applicable
from perito.learning import describe_burden, gather_material, inputs_to_score, measure_burden
from perito.learning.fairness import protected_values
from perito.learning.material import training_set
from perito.models import CANDIDATES
from perito.scoring import score_claims, usual_values
from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book
from perito.study import Study, open_study
from perito.validation import read_book
from tests.unit.decided import BOUNDARY, book, claims, decided, spec

GENDER = Attribute("gender", "categorical", "gender", "Gender", "Género")
POSTCODE = Attribute("postcode", "categorical", "postcode", "Postcode", "Código postal")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="1GB", threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def study(engine: Engine) -> Study:
    """Claims of 12 policies; gender and postcode lie in `policies`, the licence's date in `claims`."""
    made = [replace(one, policy_id=f"p{number % 12}") for number, one in enumerate(claims())]
    loaded = book(engine, made, [decided(one) for one in made])
    policies = {
        "policy_id": [f"p{number}" for number in range(11)],
        "gender": ["f", "m", None, *["f", "m"] * 4],
        "postcode": [*["01001"] * 6, *["28013"] * 4, None],
    }
    engine.load("policies", pa.table(policies))
    held = replace(loaded, policy_attributes=(GENDER, POSTCODE), protected=("gender", "postcode", "licensed"))
    return open_study(held, replace(spec(), postcode=Postcode("postcode")))


def listed(of: Study, *, alerted: Sequence[str]) -> pd.DataFrame:
    ids = [str(name) for name in of.plan.test]
    return pd.DataFrame({"claim_id": ids, "alert": [name in alerted for name in ids]})


def groups_of(burdens: Sequence[Burden], attribute: str) -> dict[str | None, tuple[int, int]]:
    [found] = [one for one in burdens if one.attribute == attribute]
    return {group.group: (group.cleared, group.alerted) for group in found.groups}


def test_groups_come_from_the_policies_and_a_claim_without_policy_is_a_group_of_its_own(study: Study) -> None:
    burdens = measure_burden(study, listed(study, alerted=[]))
    cleared = study.reported_on.query("label == 0").index
    expected = protected_values(study).loc[cleared, "gender"].value_counts(dropna=False)
    counted = {name: size for name, (size, _) in groups_of(burdens, "gender").items()}
    assert counted == {None if pd.isna(name) else str(name): size for name, size in expected.items()}
    assert None in counted
    assert sum(counted.values()) == len(cleared) < len(study.plan.test)


def test_postcodes_are_compared_by_area_and_marked_as_a_proxy(study: Study) -> None:
    burdens = measure_burden(study, listed(study, alerted=[]))
    assert set(groups_of(burdens, "postcode")) == {"01", "28", None}
    assert [one.attribute for one in burdens if one.proxy] == ["postcode"]


def test_a_date_is_read_as_years_before_the_report(study: Study) -> None:
    report = study.claims["reported_at"].dt.date
    years = protected_values(study)["licensed"]
    assert years.loc["c000"] == (report.loc["c000"] - date(2010, 5, 1)).days // 365.25


def test_an_alert_on_a_claim_that_was_not_cleared_is_no_burden(study: Study) -> None:
    labels = study.reported_on["label"]
    found, cleared = labels[labels == 1].index[0], labels[labels == 0].index[0]
    burdens = measure_burden(study, listed(study, alerted=[str(found), str(cleared)]))
    assert {one.alerted for one in burdens} == {1}


def test_labels_are_those_of_the_spec_in_both_languages(study: Study) -> None:
    burdens = measure_burden(study, listed(study, alerted=[]))
    english, spanish = (describe_burden(burdens, study, language) for language in Language)
    assert [one["label"] for one in english] == [
        "Driving licence issued: years before the report",
        "Gender",
        "Postcode: first 2 characters",
    ]
    assert "Código postal: 2 primeros caracteres" in [one["label"] for one in spanish]


def test_a_protected_attribute_is_no_feature(study: Study) -> None:
    names = {feature.name for feature in applicable(study.book)}
    assert not names & {"gender", "postcode", "licensed_days"}


def test_a_spec_that_names_nobody_has_no_burden(engine: Engine) -> None:
    made = open_study(book(engine, claims(), [decided(one) for one in claims()]), spec())
    assert measure_burden(made, listed(made, alerted=[f"c{BOUNDARY}"])) == ()


def of_an_insurer(parameters: Parameters, seed: int, folder: Path, *, reads_gender: bool = False) -> dict[str, bool]:
    """Whether the scorecard's list of a simulated insurer differs, by attribute; the desk opens a tenth."""
    write_book(simulate_insurer(parameters, seed=seed), folder)
    asked = load_spec("simulated")
    asked = replace(asked, desk=replace(asked.desk, capacity_share=0.1))
    with Engine(memory_limit="1GB", threads=1) as opened:
        loaded = read_book(asked, folder, opened, hash_key=b"k" * 32, secrets={}).book
        learnt = replace(loaded, protected=("holder_postcode",)) if reads_gender else loaded
        made = open_study(learnt, asked, seed=seed)
        material = gather_material(made)
        model = CANDIDATES["scorecard"](training_set(material, made.learning, material.frame), seed=seed)
        inputs = inputs_to_score(material)
        usual = usual_values(inputs, material.columns)
        scores = score_claims(model, inputs, usual, capacity=round(len(inputs) / 10), explain=0)
        return {one.attribute: bool(one.differs) for one in measure_burden(replace(made, book=loaded), scores)}


INSURER = Parameters(claims=6000, rings=5, garages=60, fraud_share=0.15, effect=2, investigated_share=1)


@pytest.mark.slow
def test_a_planted_bias_is_found_and_none_is_seen_where_none_was_planted(tmp_path: Path) -> None:
    # Investigators who miss half of what is wrong clear many suspicious claims; with the bias those are women's.
    careless = replace(INSURER, miss_rate=0.5)
    planted = [of_an_insurer(replace(careless, planted_bias=3), seed, tmp_path / f"p{seed}") for seed in range(4)]
    plain = [of_an_insurer(careless, seed, tmp_path / f"n{seed}") for seed in range(4)]
    assert sum(found["holder_gender"] for found in planted) == 4
    assert sum(found["holder_gender"] for found in plain) <= 1, "at most one of four by chance"
    assert sum(found["holder_postcode"] for found in planted + plain) <= 1


@pytest.mark.slow
def test_a_model_that_reads_gender_burdens_women_and_one_that_does_not_hardly_does(tmp_path: Path) -> None:
    planted = replace(INSURER, planted_bias=3)
    reads = [of_an_insurer(planted, seed, tmp_path / f"r{seed}", reads_gender=True) for seed in range(3)]
    blind = [of_an_insurer(planted, seed, tmp_path / f"b{seed}") for seed in range(3)]
    assert sum(found["holder_gender"] for found in reads) == 3
    assert sum(found["holder_gender"] for found in blind) <= 1
