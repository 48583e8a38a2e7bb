"""Noise is called noise, a signal a signal, and folds are never mixed."""

import numpy as np
import pytest

from perito.domain.errors import LearningError, ParameterError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.learnability import learnability


def scores(signal=0.0, *, claims=300, rate=0.15, seed=0):
    rng = np.random.default_rng(seed)
    label = (rng.random(claims) < rate).astype(float)
    return rng.normal(size=claims) + signal * label, label


def judged(score, label, amount=None, *, seed=0, fold=None):
    return learnability(score, label, amount, seed=seed, fold=fold, resamples=200, permutations=400)


def test_permuted_labels_give_nothing_to_learn_on_at_least_95_of_100_seeds():
    fold = np.repeat([0, 1, 2], 100)
    score, label = scores(signal=1.0)
    verdicts = [
        judged(score, np.random.default_rng(1000 + seed).permutation(label), seed=seed, fold=fold).verdict
        for seed in range(100)
    ]
    assert verdicts.count("nothing_to_learn") >= 95


def test_a_real_signal_is_learnable_on_at_least_95_of_100_seeds():
    verdicts = [judged(*scores(signal=1.0, seed=seed), seed=seed).verdict for seed in range(100)]
    assert verdicts.count("learnable") >= 95


def test_an_order_worse_than_chance_is_nothing_to_learn():
    score, label = scores(signal=-1.0)
    assert judged(score, label).verdict == "nothing_to_learn"
    assert judged(score, label).p_value > 0.9


def test_scores_of_different_folds_are_never_compared():
    score, label = scores(signal=1.0)
    fold = np.repeat([0, 1, 2], 100)
    shifted = score + 100.0 * fold
    assert judged(shifted, label, fold=fold).auc == judged(score, label, fold=fold).auc
    assert judged(shifted, label).auc.value != pytest.approx(judged(score, label).auc.value, abs=1e-3)


def test_a_fold_that_only_has_more_fraud_is_no_signal():
    rng = np.random.default_rng(5)
    fold = np.repeat([0, 1], 1000)
    label = (rng.random(2000) < np.where(fold == 1, 0.5, 0.05)).astype(float)
    score = 10.0 * fold + rng.normal(size=2000)
    assert judged(score, label).verdict == "learnable"
    assert judged(score, label, fold=fold).verdict == "nothing_to_learn"


def test_a_fold_with_one_class_says_nothing_and_is_left_aside():
    score, label = scores(signal=1.0)
    label[:100] = 0
    fold = np.repeat([0, 1, 2], 100)
    assert judged(score, label, fold=fold).auc.value == judged(score[100:], label[100:], fold=fold[100:]).auc.value


def test_sorting_by_amount_is_measured_beside_it_with_null_amounts_last():
    score, label = scores(signal=1.0)
    amount = np.where(label == 1, 500.0, 100.0)
    assert judged(score, label, amount).auc_by_amount.value == 1
    amount[label == 1] = np.nan
    assert judged(score, label, amount).auc_by_amount.value == 0
    assert judged(score, label, np.full(300, np.nan)).auc_by_amount is None
    assert judged(score, label).auc_by_amount is None


def test_a_model_that_only_sorts_by_amount_is_said_to_be_no_better_than_that():
    rng = np.random.default_rng(3)
    amount, label = scores(signal=1.0, claims=1000, seed=3)
    copies = judged(amount, label, amount)
    assert copies.verdict == "no_better_than_amount"
    assert copies.over_amount == Interval(0.0, 0.0, 0.0)
    assert judged(amount + rng.normal(0, 0.2, 1000), label, amount).verdict == "no_better_than_amount"
    assert "sort by amount" in copies.sentence()
    assert "ordene por importe" in copies.sentence(Language.SPANISH)


def test_a_model_that_knows_more_than_the_amount_is_learnable():
    amount, label = scores(signal=0.5, claims=1000)
    better = judged(amount + 1.5 * label + np.random.default_rng(4).normal(size=1000), label, amount)
    assert better.verdict == "learnable"
    assert better.over_amount.low > 0
    assert better.over_amount.value == pytest.approx(better.auc.value - better.auc_by_amount.value)


def test_noise_is_nothing_to_learn_even_where_the_amount_says_something():
    amount, label = scores(signal=1.0)
    assert judged(np.random.default_rng(9).normal(size=300), label, amount).verdict == "nothing_to_learn"


def test_the_difference_to_the_amount_is_of_the_same_claims_and_surer_than_either():
    amount, label = scores(signal=1.0, claims=1000)
    nearly = judged(amount + np.random.default_rng(4).normal(0, 0.1, 1000), label, amount)
    width = nearly.auc.high - nearly.auc.low
    assert nearly.over_amount.high - nearly.over_amount.low < width / 3


def test_without_amounts_nothing_is_compared_with_them():
    score, label = scores(signal=1.0)
    assert judged(score, label).over_amount is None
    assert judged(score, label, np.full(300, np.nan)).verdict == "learnable"


def test_equal_scores_for_all_are_exactly_chance():
    _, label = scores()
    flat = judged(np.zeros(300), label)
    assert flat.auc.value == 0.5
    assert flat.p_value == 1
    assert flat.verdict == "nothing_to_learn"


def test_one_class_is_an_error_that_says_what_to_do():
    with pytest.raises(LearningError, match="more labelled claims"):
        judged([1.0, 2.0], [0, 0])


def test_unknown_labels_are_refused():
    with pytest.raises(ParameterError, match="labels of 0 or 1"):
        judged([1.0, 2.0], [0, np.nan])


@pytest.mark.parametrize(
    ("signal", "english", "spanish"),
    [
        (1.2, "There is something to learn in these claims.", "hay algo que aprender."),
        (0.25, "but little", "pero poco"),
        (0.0, "Nothing that can be relied on", "No se aprendió nada fiable"),
    ],
)
def test_the_sentence_says_the_verdict_and_its_figures_in_both_languages(signal, english, spanish):
    score, label = scores(signal, claims=4000)
    verdict = judged(score, label, np.arange(4000.0))
    told = verdict.sentence()
    assert english in told
    assert f"{round(100 * verdict.auc.value)} times in 100" in told
    assert "claimed amount alone" in told
    assert spanish in verdict.sentence(Language.SPANISH)
    assert "{" not in told + verdict.sentence(Language.SPANISH)
