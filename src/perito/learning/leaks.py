"""Every gate against leakage over the features of one study, and what the owner of the data confirmed.

Refuses decisions that were not known when the test period begins.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time

import pandas as pd

from perito.domain.errors import SpecError
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.leakage import find_leaks, settle
from perito.evaluation.overlap import parties_on_both_sides
from perito.evaluation.own_label import equals_a_count_with_itself, reads_own_decision
from perito.features.build import FeatureTable
from perito.features.catalogue import CATALOGUE
from perito.study import Study


def look_for_leaks(
    study: Study,
    table: FeatureTable,
    frame: pd.DataFrame,
    *,
    hidden: Collection[str] = (),
    language: Language = Language.ENGLISH,
) -> tuple[Finding, ...]:
    """Run the gates over the features of a study and settle what was found.

    `frame`: the features of `table`, built with the decisions of `hidden` unread. Replaces
    the engine's table `features`.

    Raises
    ------
    SpecError
        If the spec confirms a column that is no feature.
    """
    _check_confirmed(study, table)
    findings = find_leaks(
        frame,
        table.columns,
        study.learning["label"],
        study.claims["reported_at"],
        train=study.plan.train,
        test=study.plan.test,
        kind=study.plan.kind,
        policy_id=study.claims["policy_id"],
        decided=_decided(study),
        own=[feature.name for feature in table.features if feature.over == "claim"],
        seed=study.seed,
        language=language,
    )
    more = (*_own_outcomes(study, table, frame, hidden, language), *_shared_parties(study, language))
    return settle((*findings, *more), study.spec.confirmed, language=language)


def _check_confirmed(study: Study, table: FeatureTable) -> None:
    features = [feature.name for feature in table.features]
    for name in study.spec.confirmed:
        if name not in features:
            raise SpecError(
                f"expected a column that is learnt from, came {name!r}.",
                where=f"{study.spec.name}: confirmed",
                remedy=f"The columns are: {', '.join(features)}.",
            )


def _decided(study: Study) -> pd.Series:
    """Whether anybody had decided a claim when the test period began, without a finding included."""
    boundary = datetime.combine(study.plan.test_from, time(), UTC) if study.plan.test_from else None
    known = f"WHERE known_at < TIMESTAMP '{boundary:%Y-%m-%d %H:%M:%S}'" if boundary else ""
    decided = study.book.engine.query(f"SELECT DISTINCT claim_id FROM dispositions {known}")["claim_id"]
    return pd.Series(study.claims.index.isin(decided.to_pylist()), study.claims.index)


def _own_outcomes(
    study: Study, table: FeatureTable, frame: pd.DataFrame, hidden: Collection[str], language: Language
) -> Iterator[Finding]:
    label = study.learning.loc[study.learning["known_at"].notna(), "label"]
    yield from reads_own_decision(table, frame, label, hidden=hidden, seed=study.seed, language=language)
    ours = {feature.name for feature in CATALOGUE}
    supplied = [column for column in table.columns if column.name not in ours]
    training = [str(claim_id) for claim_id in study.plan.train]
    yield from equals_a_count_with_itself(
        study.book, frame, supplied, label, training=training, seed=study.seed, language=language
    )


def _shared_parties(study: Study, language: Language) -> Iterator[Finding]:
    if study.plan.kind != "time":
        yield from parties_on_both_sides(
            study.book, learnt_from=study.learning.index, reported_on=study.reported_on.index, language=language
        )
