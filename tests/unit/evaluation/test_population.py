"""Figures about all claims, from the few that chance chose: right on average, where the plain ones are not."""

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import Money
from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.evaluation.metrics import FIGURES, point_figures
from perito.evaluation.population import (
    ABOUT_FOUND,
    ABOUT_OPENED,
    FEWEST_AUDITS,
    POPULATION_FIGURES,
    Population,
    estimate_population,
)
from perito.scoring import draw_audits

MONEY = Money(100, 0.5)
CLAIMS, RANKED, AUDITED, PLACES = 3000, 100, 300, 150
DRAWS = 200


def everyone(seed: int = 0) -> pd.DataFrame:
    """A whole period with every outcome known; `log_odds` is a better ranking than `old`, which chose the alerts."""
    rng = np.random.default_rng(seed)
    matter = rng.normal(size=CLAIMS)
    label = (rng.random(CLAIMS) < 1 / (1 + np.exp(3 - 1.2 * matter))).astype(float)
    return pd.DataFrame(
        {
            "label": label,
            "claimed_amount": np.exp(rng.normal(7, 0.8, CLAIMS)),
            "log_odds": matter + rng.normal(0, 0.7, CLAIMS),
            "old": matter + rng.normal(0, 1.5, CLAIMS),
        },
        index=pd.Index([f"c{number:04d}" for number in range(CLAIMS)], name="claim_id"),
    )


def investigated(whole: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What is known after the desk opened the alerts of the old ranking and its random audits."""
    ranked = whole.sort_values("old", ascending=False).reset_index()[["claim_id"]]
    alert = ranked.index < RANKED
    listed = ranked.assign(
        alert=alert,
        selected_by=pd.Series(["alert" if one else None for one in alert], dtype=object),
        selection_probability=np.where(alert, 1.0, np.nan),
    )
    chance = draw_audits(listed, AUDITED, seed=seed).set_index("claim_id")["selection_probability"]
    known = whole.assign(selection_probability=chance)
    return known.assign(label=known["label"].where(known["selection_probability"].notna()))


def truth(whole: pd.DataFrame) -> dict[str, float]:
    share = PLACES / len(whole)
    figures = point_figures(
        whole["log_odds"], whole["label"], whole["claimed_amount"], capacity_share=share, money=MONEY
    )
    return {**figures, "base_rate": float(whole["label"].mean())}


def estimated(test: pd.DataFrame, *, resamples: int = 2, seed: int = 0) -> Population:
    return estimate_population(test, opened=first_by_score(test), money=MONEY, seed=seed, resamples=resamples)


def first_by_score(test: pd.DataFrame) -> pd.Index:
    """The claims that a desk opens which ranks by score."""
    return test["log_odds"].sort_index().sort_values(ascending=False, kind="stable").index[:PLACES]


def values(test: pd.DataFrame) -> list[float]:
    figures = estimated(test).figures
    return [np.nan if (value := figures[name].value) is None else value for name in POPULATION_FIGURES]


def naive(test: pd.DataFrame) -> list[float]:
    """The same figures of the investigated claims as if they were all claims."""
    known = test[test["label"].notna()].assign(selection_probability=0.5)
    return values(known)


@pytest.mark.slow
def test_estimates_are_right_on_average_and_figures_of_investigated_claims_are_not() -> None:
    whole = everyone()
    expected = truth(whole)
    tests = [investigated(whole, seed) for seed in range(DRAWS)]
    told, naively = (pd.DataFrame(map(how, tests), columns=list(POPULATION_FIGURES)) for how in (values, naive))
    error = told.std() / np.sqrt(DRAWS)
    # A ratio of sums has a small bias besides: of the order of 1 / sample, or, where the sum above grows with
    # the square of what was found, of 1 / found.
    bias = pd.Series(1 / AUDITED, index=error.index)
    bias["average_precision"] = 1 / (AUDITED * expected["base_rate"])
    for name in POPULATION_FIGURES:
        assert abs(told[name].mean() - expected[name]) < 3 * error[name] + abs(expected[name]) * bias[name], name
    for name in ("base_rate", "recall_at_capacity", "precision_at_capacity", "lift_at_capacity"):
        assert abs(naively[name].mean() - expected[name]) > 6 * naively[name].std() / np.sqrt(DRAWS), name


def test_when_everyone_was_audited_the_estimate_is_the_figure_itself() -> None:
    whole = everyone().assign(selection_probability=0.5)
    figures, expected = estimated(whole).figures, truth(whole)
    for name in POPULATION_FIGURES:
        assert figures[name].value == pytest.approx(expected[name]), name


def test_figures_at_capacity_speak_about_the_claims_that_the_desk_opens_whatever_it_ranks_by() -> None:
    whole = everyone().assign(selection_probability=0.5)
    opened = whole.assign(worth=whole["log_odds"] + np.log(whole["claimed_amount"])).nlargest(80, "worth").index
    figures = estimate_population(whole, opened=opened, money=MONEY, seed=0, resamples=2).figures
    found = whole.loc[opened]
    saved = float((found["label"] * found["claimed_amount"]).sum() * MONEY.recoverable_share)
    assert figures["precision_at_capacity"].value == pytest.approx(found["label"].mean())
    assert figures["recall_at_capacity"].value == pytest.approx(found["label"].sum() / whole["label"].sum())
    assert figures["net_money_at_capacity"].value == pytest.approx(saved - MONEY.investigation_cost * len(opened))
    assert figures["auc"].value == pytest.approx(truth(whole)["auc"])


def test_equal_scores_count_half_as_in_the_plain_figures() -> None:
    whole = everyone().assign(selection_probability=0.5)
    whole["log_odds"] = whole["log_odds"].round(0)
    figures, expected = estimated(whole).figures, truth(whole)
    for name in ("auc", "average_precision"):
        assert figures[name].value == pytest.approx(expected[name])


def test_a_claim_chosen_with_certainty_counts_once_and_one_without_a_logged_chance_not_at_all() -> None:
    test = investigated(everyone(), 0)
    base_rate = estimated(test).figures["base_rate"].value
    known = test[test["label"].notna()]
    weight = 1 / known["selection_probability"]
    assert base_rate == pytest.approx(float((weight * known["label"]).sum() / weight.sum()))
    unlogged = test.index[test["label"].isna()][:200]
    test.loc[unlogged, "label"] = 1.0
    assert estimated(test).figures["base_rate"].value == base_rate


def test_without_enough_random_audits_nothing_is_said_about_all_claims() -> None:
    test = investigated(everyone(), 0)
    audits = test.index[test["selection_probability"] < 1]
    test.loc[audits[FEWEST_AUDITS - 1 :], "label"] = np.nan
    population = estimated(test)
    assert (population.figures, population.speaks_about) == ({}, "investigated_claims")
    assert population.audits == FEWEST_AUDITS - 1
    assert "investigated claims only" in population.sentence()
    assert "siniestros investigados" in population.sentence(Language.SPANISH)


def test_the_sentence_names_the_audits_and_warns_where_none_was_substantiated() -> None:
    test = investigated(everyone(), 0)
    assert "About all 3,000 claims, estimated from 300 random audits" in estimated(test).sentence()
    test.loc[(test["selection_probability"] < 1) & test["label"].notna(), "label"] = 0.0
    assert "None of the 300 was substantiated" in estimated(test).sentence()
    assert "Ninguna de las 300" in estimated(test).sentence(Language.SPANISH)


def test_figures_at_capacity_have_no_value_where_no_sampled_claim_would_be_opened() -> None:
    whole = investigated(everyone(), 0)
    whole.loc[first_by_score(whole), "label"] = np.nan
    figures = estimated(whole).figures
    assert {name for name in POPULATION_FIGURES if figures[name].value is None} == ABOUT_OPENED
    assert "left out" in estimated(whole).sentence()
    assert "left out" not in estimated(investigated(everyone(), 0)).sentence()


def test_figures_about_substantiated_claims_have_no_value_where_a_handful_would_decide() -> None:
    test = investigated(everyone(), 0)
    audited = test.index[(test["selection_probability"] < 1) & (test["label"] == 1)]
    test.loc[test["label"].notna(), "label"] = 0.0
    test.loc[audited[:4], "label"] = 1.0
    figures = estimated(test).figures
    assert {name for name in POPULATION_FIGURES if figures[name].value is None} == ABOUT_FOUND
    test.loc[audited[:5], "label"] = 1.0
    assert estimated(test).figures["auc"].value is not None


def test_intervals_hold_the_value_and_follow_from_the_seed() -> None:
    test = investigated(everyone(), 0)
    one, other = estimated(test, resamples=200), estimated(test, resamples=200)
    assert one == other
    for name in FIGURES:
        figure = one.figures[name]
        assert figure.low is not None
        assert figure.value is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    whole = everyone()
    expected = truth(whole)["base_rate"]
    held = 0
    for seed in range(100):
        figure = estimated(investigated(whole, seed), resamples=200).figures["base_rate"]
        assert figure.low is not None
        assert figure.high is not None
        held += figure.low <= expected <= figure.high
    assert held >= 85


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.5])
def test_an_impossible_chance_is_refused(chance: float) -> None:
    with pytest.raises(ParameterError, match="chance above 0"):
        estimated(everyone().assign(selection_probability=chance))
