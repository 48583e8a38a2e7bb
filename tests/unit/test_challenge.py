"""A challenger and a champion meet on claims that neither learnt from, or it is said why they cannot."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import ModelError
from perito.domain.learnt import LearntFrom
from perito.domain.words import Language
from perito.engine import Engine
from perito.evaluation.bootstrap import Interval
from perito.evaluation.promotion_words import Obstacle
from perito.features.columns import FeatureColumn
from perito.learning import Challenge, Contender, challenge, learnt_from, rule
from perito.models.interface import Contributions, FloatArray
from perito.study import Study
from tests.books import day
from tests.unit.decided import AT_RANDOM, BOUNDARY, claims, decided, spec, study, suspicious

NET_MONEY = Interval(1000.0, -50.0, 2000.0)


@dataclass(frozen=True)
class Column:
    """A model whose opinion of each claim is one column."""

    name: str
    kind: ClassVar[str] = "column"

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        return (FeatureColumn(self.name, "numeric", "", "", ""),)

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        return frame[self.name].to_numpy(dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        return Contributions(0.0, self.log_odds(frame)[:, None])

    def save(self, folder: Path) -> None:
        raise NotImplementedError


@pytest.fixture(scope="module")
def made() -> Iterator[Study]:
    with Engine(memory_limit="500MB", threads=1) as engine:
        yield study(engine, [decided(one) for one in claims()], spec())


@pytest.fixture(scope="module")
def frame(made: Study) -> pd.DataFrame:
    """`sighted` knows which claims are suspicious, `contrary` says the opposite, `blind` orders them by chance."""
    sighted = {one.claim_id: 4.0 * suspicious(one) - 2 for one in claims()}
    opinions = pd.DataFrame({"sighted": pd.Series(sighted)})
    return opinions.assign(contrary=-opinions["sighted"], blind=np.random.default_rng(0).normal(size=len(opinions)))


def contender(name: str, made: Study, **changes: object) -> Contender:
    return replace(Contender(Column(name), learnt_from(made), "1"), **changes)


def test_the_better_one_earns_more_on_the_claims_kept_apart(made: Study, frame: pd.DataFrame) -> None:
    found = challenge(made, frame, contender("contrary", made), contender("sighted", made))
    assert found.comparison is not None
    assert found.comparison.better
    assert (found.comparison.claims, found.comparison.capacity) == (60, 6)
    assert (found.period_from, found.period_to) == (day(BOUNDARY), day(240))
    turned = challenge(made, frame, contender("sighted", made), contender("contrary", made)).comparison
    assert turned is not None
    assert not turned.better


def test_claims_that_the_champion_may_have_learnt_from_are_left_out(made: Study, frame: pd.DataFrame) -> None:
    later = LearntFrom.of(day(BOUNDARY + 20), ["others"])
    found = challenge(made, frame, contender("blind", made, learnt=later), contender("sighted", made))
    assert found.comparison is not None
    assert found.comparison.claims == 40
    assert found.period_from == day(BOUNDARY + 20)
    earlier = LearntFrom.of(day(BOUNDARY - 20), ["others"])
    older = challenge(made, frame, contender("blind", made, learnt=earlier), contender("sighted", made))
    assert older.comparison is not None
    assert older.comparison.claims == 60


@pytest.mark.parametrize(
    ("learnt", "kind"),
    [
        (None, "no_record"),
        (LearntFrom.of(day(400), ["others"]), "too_few_matured"),
        (LearntFrom.of(None, ["others"]), "other_split"),
    ],
)
def test_a_champion_that_may_have_seen_every_claim_is_not_compared(
    made: Study, frame: pd.DataFrame, learnt: LearntFrom | None, kind: str
) -> None:
    found = challenge(made, frame, contender("blind", made, learnt=learnt), contender("sighted", made))
    assert found.comparison is None
    assert found.obstacle is not None
    assert found.obstacle.kind == kind


def test_without_an_order_in_time_only_the_same_claims_kept_apart_are_new_to_both(frame: pd.DataFrame) -> None:
    with Engine(memory_limit="500MB", threads=1) as engine:
        dealt = study(engine, [decided(one) for one in claims()], spec(AT_RANDOM))
    same = challenge(dealt, frame, contender("blind", dealt), contender("sighted", dealt))
    other = contender("blind", dealt, learnt=LearntFrom.of(day(10), ["others"]))
    assert same.comparison is not None
    assert challenge(dealt, frame, other, contender("sighted", dealt)).obstacle == Obstacle("other_split", "1")


def test_a_champion_that_needs_a_feature_the_table_lacks_is_told_and_no_crash(made: Study, frame: pd.DataFrame) -> None:
    found = challenge(made, frame, contender("gone", made), contender("sighted", made))
    assert found.obstacle is not None
    assert found.obstacle.kind == "lacks_features"
    assert "gone" in found.obstacle.sentence("1")


def test_a_list_nobody_looked_at_gives_nothing_to_compare(frame: pd.DataFrame) -> None:
    looked_at = [one for one in claims() if not suspicious(one) or int(one.claim_id[1:]) < BOUNDARY]
    kept = [one.claim_id for one in claims()[BOUNDARY:] if suspicious(one)][-1:]
    with Engine(memory_limit="500MB", threads=1) as engine:
        rows = [decided(one) for one in claims() if one in looked_at or one.claim_id in kept]
        few = study(engine, rows, spec())
    shy = frame.assign(shy=frame["sighted"].where(~frame.index.isin(kept), -9.0))
    found = challenge(few, shy, contender("shy", few), contender("blind", few))
    assert found.obstacle == Obstacle("nobody_looked")


def test_a_model_and_itself_are_never_told_apart(made: Study, frame: pd.DataFrame) -> None:
    found = challenge(made, frame, contender("sighted", made), contender("sighted", made)).comparison
    assert found is not None
    assert found.difference == Interval(0, 0, 0)


def test_the_first_model_that_no_gate_stops_reigns_and_its_money_is_told() -> None:
    ruling = rule("", None, None, net_money=NET_MONEY)
    assert ruling.passes
    assert ruling.why == (
        "Champion: the first model of this dataset that beats chance. Its net money at capacity is 1,000 "
        "(95 % interval -50 to 2,000); opening nothing earns 0."
    )
    unknown = rule("", None, None, net_money=Interval(None, None, None), language=Language.SPANISH)
    assert "no se conoce" in unknown.why


@pytest.mark.parametrize("champion", [None, "3"])
def test_a_model_that_another_gate_stopped_never_reigns(made: Study, frame: pd.DataFrame, champion: str | None) -> None:
    found = challenge(made, frame, contender("blind", made), contender("sighted", made))
    ruling = rule("it does not beat chance.", champion, found if champion else None, net_money=NET_MONEY)
    assert (ruling.passes, ruling.why) == (False, "Not champion: it does not beat chance.")


@pytest.mark.parametrize("language", list(Language))
def test_every_obstacle_is_a_refusal_that_names_the_champion(language: Language) -> None:
    for kind in (
        "no_record",
        "other_split",
        "too_few_matured",
        "lacks_features",
        "nobody_looked",
        "unreadable",
        "moved",
    ):
        ruling = rule("", "7", Challenge(None, Obstacle(kind, "12")), net_money=NET_MONEY, language=language)
        assert not ruling.passes
        assert "7" in ruling.why


def test_the_record_of_what_was_learnt_from_survives_as_text(made: Study) -> None:
    for record in (learnt_from(made), LearntFrom.of(None, ["b", "a"])):
        assert LearntFrom.read(**record.document()) == record
    assert LearntFrom.of(None, ["a", "b"]) == LearntFrom.of(None, ["b", "a"]) != LearntFrom.of(None, ["ab"])
    with pytest.raises(ModelError, match="a day like"):
        LearntFrom.read("soon", "x")


def test_the_boundary_of_the_study_is_in_the_record(made: Study) -> None:
    assert learnt_from(made).before == day(BOUNDARY)
    assert day(BOUNDARY) - day(0) == timedelta(BOUNDARY)
