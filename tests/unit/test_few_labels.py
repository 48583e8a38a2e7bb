"""Learning from few labels that somebody chose: who counts how much, and what no label may tell too early."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from perito.domain.errors import LearningError
from perito.domain.facts import Disposition
from perito.domain.words import Outcome, SelectedBy
from perito.engine import Engine
from perito.learning import Material, gather_material, measure_population, rank_claims, train_candidate
from perito.learning.chances import Chances
from perito.learning.material import known_before, training_set
from perito.learning.selection import inverse_propensity
from perito.learning.unlabelled import both_ways, suspicion_of_undecided
from perito.models.interface import FloatArray, TrainingSet
from perito.study import open_study
from tests.books import Rows, instant, load_book
from tests.unit.decided import BOUNDARY, Desk, book, claims, decided, spec, study, suspicious
from tests.unit.models.claims import PLANTED
from tests.unit.models.claims import training_set as generated

Mask = npt.NDArray[np.bool_]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


def some_decided(*, after_days: int = 15) -> list[Disposition]:
    """Two claims of three, decided some days after their report."""
    return [decided(one, after_days=after_days) for one in claims() if int(one.claim_id[1:]) % 3]


@pytest.fixture(scope="module")
def material(engine: Engine) -> Material:
    return gather_material(study(engine, some_decided(), spec(unknown="positive_unlabelled")))


def test_an_undecided_claim_enters_once_as_either_outcome_and_a_decided_one_as_it_is(material: Material) -> None:
    learning = material.study.learning
    taught = training_set(material, learning, material.frame)
    assert taught.weight is not None
    rows = pd.DataFrame({"label": taught.label, "weight": taught.weight}, index=taught.frame.index)
    decided_ones, others = rows[rows.index.isin(learning.index)], rows[~rows.index.isin(learning.index)]
    pd.testing.assert_series_equal(decided_ones["label"].astype(float), learning["label"], check_names=False)
    assert (decided_ones["weight"] == 1).all()
    assert others.index.nunique() == round(len(learning) / 2)
    assert (others.groupby(level=0)["label"].agg(["min", "max"]).to_numpy() == [0, 1]).all()
    assert others.groupby(level=0)["weight"].sum().to_numpy() == pytest.approx(1.0)
    assert (np.diff(taught.reported_at) >= np.timedelta64(0)).all()


def test_an_undecided_claim_that_looks_like_the_substantiated_counts_more_as_one(material: Material) -> None:
    taught = training_set(material, material.study.learning, material.frame)
    assert taught.weight is not None
    rows = taught.frame.assign(label=taught.label, weight=taught.weight)
    as_found = rows[~rows.index.isin(material.study.learning.index) & (rows["label"] == 1)]
    high = as_found["claimed_amount"] > 7000
    assert as_found.loc[high, "weight"].mean() > 2 * as_found.loc[~high, "weight"].mean()


def same(one: TrainingSet, other: TrainingSet) -> bool:
    assert one.weight is not None
    assert other.weight is not None
    return np.array_equal(one.label, other.label) and np.array_equal(one.weight, other.weight)


@pytest.mark.parametrize("how", ["positive_unlabelled", "inverse_propensity"])
def test_no_fold_reads_a_label_that_became_known_after_it_began(engine: Engine, how: str) -> None:
    asked = (
        spec(unknown="positive_unlabelled") if how == "positive_unlabelled" else spec(weighting="inverse_propensity")
    )
    made = gather_material(study(engine, some_decided(), asked))
    learning, fold = made.study.learning, made.folds[-1]
    trained = learning.iloc[fold.train]
    start = pd.Timestamp(fold.validate_from)

    def taught(which: pd.Series) -> TrainingSet:
        rows = trained.assign(label=trained["label"].where(~which, 1 - trained["label"]))
        return training_set(made, known_before(rows, fold, unknown=asked.unknown), made.frame)

    nobody = pd.Series(data=False, index=trained.index)
    too_late, in_time = trained["known_at"] >= start, trained["known_at"] < start
    assert too_late.sum() > 5
    assert same(taught(too_late), taught(nobody))
    assert not same(taught(in_time), taught(nobody))
    reported = taught(nobody).reported_at
    assert reported.max() < start


@pytest.mark.parametrize("how", ["positive_unlabelled", "inverse_propensity"])
def test_no_label_of_the_test_side_changes_what_is_learnt(engine: Engine, how: str) -> None:
    asked = (
        spec(unknown="positive_unlabelled") if how == "positive_unlabelled" else spec(weighting="inverse_propensity")
    )
    learnt = [one for one in some_decided() if int(one.claim_id[1:]) < BOUNDARY - 20]
    lists = []
    for found in (True, False):
        kept_apart = [decided(one, found=found) for one in claims()[BOUNDARY:]]
        made = gather_material(study(engine, learnt + kept_apart, asked))
        lists.append(rank_claims(made, train_candidate(made, "scorecard")).scores)
    pd.testing.assert_frame_equal(*lists)


def everyone(claims_: int = 6000, *, seed: int = 0) -> tuple[TrainingSet, FloatArray]:
    """Claims with every outcome, and the size of what steers the adjusters."""
    made = generated(claims_, seed=seed, steep=1.0, rate=0.1)
    return made, made.frame[PLANTED].to_numpy(dtype=np.float64)


def rate(made: TrainingSet, known: Mask, weight: FloatArray | None = None) -> float:
    return float(np.average(made.label[known], weights=weight))


def test_a_logged_chance_counts_as_its_inverse_and_certainty_counts_once() -> None:
    made, _ = everyone(600)
    known = np.arange(600) % 3 == 0
    logged = np.where(known, np.where(np.arange(600) % 2 == 0, 0.25, 1.0), np.nan)
    weight = inverse_propensity(made, known, logged, seed=0)
    assert set(weight) == {1.0, 4.0}
    np.testing.assert_allclose(weight, 1 / logged[known])


def test_no_claim_counts_more_than_the_root_of_the_sample_times_the_average() -> None:
    made, _ = everyone(600)
    known = np.arange(600) < 400
    logged = np.where(np.arange(600) == 0, 1e-6, 1.0)
    weight = inverse_propensity(made, known, logged, seed=0)
    unclipped = 1 / logged[known]
    assert weight.max() == pytest.approx(unclipped.mean() * np.sqrt(400))


def test_estimated_chances_bring_the_base_rate_back_where_features_steered_the_choice() -> None:
    made, size = everyone()
    known = np.random.default_rng(1).random(6000) < 1 / (1 + np.exp(2.5 - size))
    weight = inverse_propensity(made, known, np.full(6000, np.nan), seed=0)
    assert rate(made, known) > 1.4 * made.label.mean()
    assert rate(made, known, weight) == pytest.approx(made.label.mean(), rel=0.12)
    assert weight[size[known] < -1].mean() > 3 * weight[size[known] > 1].mean()


def test_claims_that_could_be_drawn_and_picked_count_by_the_chance_of_either() -> None:
    made, size = everyone()
    rng = np.random.default_rng(2)
    drawn = rng.random(6000) < 0.05
    picked = (rng.random(6000) < 1 / (1 + np.exp(2.5 - size))) & ~drawn
    logged = np.where(drawn, 0.05, np.nan)
    weight = inverse_propensity(made, drawn | picked, logged, seed=0)
    assert weight.sum() == pytest.approx(6000, rel=0.15)
    assert rate(made, drawn | picked, weight) == pytest.approx(made.label.mean(), rel=0.12)


def test_too_few_investigated_claims_to_estimate_a_chance_are_told() -> None:
    made, _ = everyone(600)
    known = np.arange(600) < 3
    with pytest.raises(LearningError, match="3 were investigated") as refusal:
        inverse_propensity(made, known, np.full(600, np.nan), seed=0)
    assert "selection_probability" in refusal.value.remedy


def test_where_everyone_was_investigated_each_claim_counts_once() -> None:
    made, _ = everyone(600)
    everybody = np.ones(600, dtype=np.bool_)
    assert set(inverse_propensity(made, everybody, np.full(600, np.nan), seed=0)) == {1.0}


def keen_eyed(made: TrainingSet, size: FloatArray, *, hunch: float, audited: float) -> tuple[Mask, FloatArray]:
    """Adjusters follow `size`, and `hunch` where there is something to find; chance draws the audits."""
    rng = np.random.default_rng(3)
    drawn = rng.random(len(size)) < audited
    picked = rng.random(len(size)) < 1 / (1 + np.exp(3 - size - hunch * made.label))
    return drawn | picked, np.where(drawn, audited, np.nan)


def test_audits_tell_how_keen_the_eye_of_the_investigators_was() -> None:
    made, size = everyone(12_000)
    known, logged = keen_eyed(made, size, hunch=1.5, audited=0.1)
    told = suspicion_of_undecided(made, known, logged, seed=0).sum()
    untold = suspicion_of_undecided(made, known, np.full(len(known), np.nan), seed=0).sum()
    expected = made.label[~known].sum()
    assert told == pytest.approx(expected, rel=0.15)
    assert untold > 1.2 * expected


def test_an_estimate_is_made_once_and_kept_apart_from_others() -> None:
    made, _ = everyone(60)
    known, logged, chances, asked = np.arange(60) % 2 == 0, np.full(60, np.nan), Chances(), list[str]()

    def first(everyone: TrainingSet, known: Mask, logged: FloatArray, *, seed: int) -> FloatArray:
        asked.append("first")
        return everyone.label[known] + float(seed)

    def second(everyone: TrainingSet, known: Mask, logged: FloatArray, *, seed: int) -> FloatArray:
        asked.append("second")
        return logged[~known] + everyone.label[~known] + seed

    for _ in range(2):
        chances.once(first, made, known, logged, 0)
        chances.once(second, made, known, logged, 0)
    assert asked == ["first", "second"]
    chances.once(first, made, known, logged, 1)
    chances.once(first, made, ~known, logged, 0)
    chances.once(first, made, known, np.where(known, 0.5, logged), 0)
    assert asked == ["first", "second", "first", "first", "first"]


def test_both_ways_keeps_every_investigation_as_it_was() -> None:
    made, _ = everyone(600)
    known = np.arange(600) % 2 == 0
    taught = both_ways(made, known, np.linspace(0, 1, 300))
    assert taught.weight is not None
    assert len(taught.label) == 900
    assert taught.weight.sum() == pytest.approx(600)
    assert (taught.weight > 0).all()
    kept = taught.frame.index.isin(made.frame.index[known])
    np.testing.assert_array_equal(taught.label[kept], made.label[known])


def test_alerts_and_audits_of_one_run_become_figures_about_all_claims_in_the_next(engine: Engine) -> None:
    asked = spec(desk=Desk(0.9, 0.8))
    before = [decided(one) for one in claims()[: BOUNDARY - 5]]
    first = gather_material(study(engine, before, asked))
    candidate = train_candidate(first, "scorecard")
    listed = rank_claims(first, candidate).scores
    opened = listed[listed["alert"]].set_index("claim_id")
    by_id = {one.claim_id: one for one in claims()}
    after = [
        Disposition(
            str(claim_id),
            Outcome.SUBSTANTIATED if suspicious(by_id[str(claim_id)]) else Outcome.NOT_SUBSTANTIATED,
            instant(400),
            selected_by=SelectedBy(row["selected_by"]),
            selection_probability=float(row["selection_probability"]),
        )
        for claim_id, row in opened.iterrows()
    ]
    second = open_study(book(engine, claims(), before + after), asked)
    population = measure_population(second, first.frame, candidate.model)
    ranked, audited = (opened["selected_by"] == which for which in ("alert", "random_audit"))
    assert (int(ranked.sum()), int(audited.sum())) == (11, 43)
    assert (population.sampled, population.audits, population.speaks_about) == (54, 43, "all_claims")
    found = pd.Series({claim_id: suspicious(by_id[str(claim_id)]) for claim_id in opened.index})
    expected = (found / opened["selection_probability"]).sum() / 60
    assert population.figures["base_rate"].value == pytest.approx(expected)


def test_investigations_without_random_audits_speak_about_themselves(engine: Engine) -> None:
    decisions = [replace(one, selection_probability=1.0) for one in map(decided, claims())]
    made = gather_material(study(engine, decisions, spec()))
    population = measure_population(made.study, made.frame, train_candidate(made, "scorecard").model)
    assert population.speaks_about == "investigated_claims"
    assert (population.sampled, population.audits) == (60, 0)


def test_a_later_decision_brings_its_own_chance(engine: Engine) -> None:
    one = claims()[0]
    rows = [
        Disposition(one.claim_id, Outcome.NOT_SUBSTANTIATED, instant(3), selection_probability=0.5),
        Disposition(one.claim_id, Outcome.SUBSTANTIATED, instant(9)),
    ]
    loaded = load_book(engine, Rows(tuple(claims()), dispositions=(*rows, *map(decided, claims()[1:]))))
    made = open_study(loaded, spec())
    assert np.isnan(made.learning.loc[one.claim_id, "selection_probability"])
