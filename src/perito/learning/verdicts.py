"""What may be said of a trained candidate: learnable or not, flattered by a random split or not, and its figures.

Refuses to let anything be chosen by the claims kept for reporting.
"""

import numpy as np
import pandas as pd

from perito.datasets.spec import Split
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.calibration import CalibrationError, calibration_error
from perito.evaluation.folds import rolling_folds
from perito.evaluation.leakage import random_versus_temporal_gap
from perito.evaluation.learnability import Learnability, learnability
from perito.evaluation.metrics import FIGURES, Figures, evaluate
from perito.evaluation.population import Population, estimate_population
from perito.learning.candidates import Candidate, unseen_scores
from perito.learning.material import FOLDS, Material
from perito.learning.opening import claims_opened, opening_order
from perito.models.interface import Model, select_features
from perito.study import Study

AT_CAPACITY = tuple(name for name in FIGURES if name.endswith("_at_capacity"))


def judge(candidate: Candidate, *, seed: int) -> Learnability:
    """Whether the candidate's ranking of claims it had not seen beats chance. Reads no test label."""
    unseen = candidate.unseen
    return learnability(unseen["log_odds"], unseen["label"], unseen["amount"], fold=unseen["fold"], seed=seed)


def compare_random_split(
    material: Material, name: str, forward: Learnability, *, language: Language = Language.ENGLISH
) -> tuple[Finding, ...]:
    """What the same kind of model would seem to reach on a random split of the training period.

    Nothing to compare where the split is not by time.
    """
    study = material.study
    if study.plan.kind != "time":
        return ()
    folds = rolling_folds(study.learning, Split("random"), folds=FOLDS, seed=study.seed)
    unseen = unseen_scores(material, name, folds, (material.frame,) * len(folds))
    shuffled = learnability(
        unseen["log_odds"], unseen["label"], None, fold=unseen["fold"], seed=study.seed, permutations=1
    )
    return random_versus_temporal_gap(shuffled.auc, forward.auc, language=language)


def measure(study: Study, frame: pd.DataFrame, model: Model) -> Figures:
    """The figures of a model on the claims kept for reporting. Nothing may be chosen by them.

    The desk opens the first claims of the whole test side, labelled or not, but for the
    places that go to random audits, of which these figures do not speak; the figures at
    capacity speak about those of them whose label is known, in the order the desk opens
    them, by score or by expected net money as the spec says. Figures have no value where no
    such claim has a known label. `frame`: the features of at least the test side.
    """
    rows, test = study.reported_on, study.kept_apart
    if rows.empty:
        return dict.fromkeys(FIGURES, Interval(None, None, None))
    log_odds = pd.Series(model.log_odds(select_features(frame.loc[test.index], model.columns)), index=test.index)
    order = opening_order(study, log_odds)
    known = int(test.loc[claims_opened(study, order), "label"].notna().sum())
    figures = evaluate(
        log_odds[rows.index],
        rows["label"],
        rows["claimed_amount"],
        capacity_share=max(known, 1) / len(rows),
        money=study.spec.money,
        seed=study.seed,
        opened_by=None if order.name == "score" else order[rows.index],
    )
    return figures if known else {**figures, **dict.fromkeys(AT_CAPACITY, Interval(None, None, None))}


def measure_calibration(study: Study, frame: pd.DataFrame, model: Model) -> CalibrationError | None:
    """How far the model's probabilities lie from what happened on the claims kept for reporting; None without any."""
    rows = study.reported_on
    log_odds = model.log_odds(select_features(frame.loc[rows.index], model.columns))
    return calibration_error(np.exp(-np.logaddexp(0.0, -log_odds)), rows["label"], seed=study.seed)


def measure_population(study: Study, frame: pd.DataFrame, model: Model) -> Population:
    """The figures of a model about every claim of the test side, from those audited at random. Choose nothing by them.

    Figures at capacity speak about the claims the desk opens, by score or by expected net
    money as the spec says. `frame`: the features of at least the test side.
    """
    test = study.kept_apart
    log_odds = pd.Series(model.log_odds(select_features(frame.loc[test.index], model.columns)), index=test.index)
    return estimate_population(
        test.assign(log_odds=log_odds),
        opened=claims_opened(study, opening_order(study, log_odds)),
        money=study.spec.money,
        seed=study.seed,
    )
