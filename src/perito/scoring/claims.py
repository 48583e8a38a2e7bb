"""Scores, ranks, alerts and reasons for claims. Refuses to say what happened: a score is an opinion.

Every claim is scored; only as many are explained as are asked for, because a reason costs more
than a score.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from perito.domain.errors import FeatureMismatch, ModelError, ParameterError
from perito.domain.opinions import Reason
from perito.domain.words import Language, SelectedBy
from perito.models.interface import FloatArray, Model
from perito.scoring.money import Stakes, desk_order, sigmoid
from perito.scoring.reasons import choose_reasons, tell_reasons
from perito.scoring.usual import UsualValues
from perito.scoring.wording import Wording

Progress = Callable[[int, int], None]
"""Called after each chunk with the claims done and the claims to do; explaining counts like scoring."""


def score_claims(
    model: Model,
    frame: pd.DataFrame,
    usual: UsualValues,
    *,
    capacity: int,
    stakes: Stakes | None = None,
    top_reasons: int = 5,
    language: Language = Language.ENGLISH,
    currency: str = "",
    explain: int | None = None,
    chunk: int = 50_000,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score every claim of `frame`, raise at most `capacity` alerts and give their reasons.

    Grain: one row per claim_id, in the order of `rank`; the order of `frame` is irrelevant.

    Columns: `claim_id`; `score`, 0 to 1, higher is more suspicious: the sigmoid of the model's
    log-odds, a probability where the model is calibrated, as a blend is; `expected_net_money`,
    what opening the claim is expected to bring less its cost, null without `stakes` and where
    nothing tells the amount; `rank`, 1 first, equal claims by `claim_id`; `alert`, true for
    the first `capacity`, but never where the desk ranks by a money that is below zero;
    `reasons`, a list of `Reason` as `choose_reasons` orders them, empty for the claims beyond
    `explain`; `selected_by`, `alert` for the alerts, else null; and `selection_probability`, 1
    for the alerts, which their rank chose with certainty, else null. `draw_audits` adds alerts
    that chance chose.

    Parameters
    ----------
    usual
        What is usual among the training claims, from `usual_values`.
    stakes
        Amounts, costs, and whether the desk ranks by `expected_net_money` or by `score`;
        without them claims are ranked by score.
    explain
        How many claims, first by rank, get reasons; None for all.
    chunk
        How many claims the model is given at a time; it bounds memory, not the result. With
        fewer than 50,000 LightGBM works in one thread.

    Raises
    ------
    ParameterError
        When a number is out of its range, a claim comes twice, or no amount is known.
    FeatureMismatch
        When `frame` or `usual` does not hold the model's own features.
    ModelError
        When the model gives a claim no finite score.
    """
    _check_numbers(capacity=capacity, top_reasons=top_reasons, explain=explain, chunk=chunk)
    _check_claims(frame, model, usual)
    explained = len(frame) if explain is None else min(explain, len(frame))
    done = _counted(progress, len(frame) + explained)
    log_odds = _log_odds(model, _chunks(frame, chunk), done)
    ranked_by = desk_order(stakes, frame.index, log_odds)
    order = _order(frame.index, ranked_by.values)
    reasons: list[list[Reason]] = []
    for rows in _chunks(frame.iloc[order[:explained]], chunk):
        reasons += explain_claims(model, rows, usual, wording=Wording(language, currency), top_reasons=top_reasons)
        done(len(rows))
    expected = np.full(len(frame), np.nan) if stakes is None else stakes.expected(frame.index, log_odds)
    opinions = {"score": sigmoid(log_odds[order]), "expected_net_money": expected[order]}
    return _as_frame(frame.index[order], opinions, min(capacity, ranked_by.worth_opening), reasons)


def explain_claims(
    model: Model, frame: pd.DataFrame, usual: UsualValues, *, wording: Wording, top_reasons: int = 5
) -> list[list[Reason]]:
    """The reasons of every claim of `frame`, in its order, as `choose_reasons` orders them.

    Raises
    ------
    FeatureMismatch
        When `frame` does not hold the model's own features.
    """
    chosen = choose_reasons(model.contributions(frame).values, top_reasons)
    return tell_reasons(chosen, frame, model.columns, usual, wording)


def _as_frame(
    claims: pd.Index, opinions: Mapping[str, FloatArray], alerts: int, reasons: list[list[Reason]]
) -> pd.DataFrame:
    rank = np.arange(1, len(claims) + 1)
    unexplained: list[Sequence[Reason]] = [()] * (len(claims) - len(reasons))
    return pd.DataFrame(
        {
            "claim_id": claims.astype("str"),
            "score": opinions["score"],
            "rank": rank,
            "alert": rank <= alerts,
            "reasons": pd.Series([*reasons, *unexplained], dtype=object),
            "selected_by": pd.Series([SelectedBy.ALERT.value if place <= alerts else None for place in rank.tolist()]),
            "selection_probability": np.where(rank <= alerts, 1.0, np.nan),
            "expected_net_money": opinions["expected_net_money"],
        }
    )


def _counted(progress: Progress | None, total: int) -> Callable[[int], None]:
    so_far = 0

    def done(claims: int) -> None:
        nonlocal so_far
        so_far += claims
        if progress is not None:
            progress(so_far, total)

    return done


def _chunks(frame: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    return (frame.iloc[start : start + size] for start in range(0, len(frame), size))


def _log_odds(model: Model, chunks: Iterable[pd.DataFrame], done: Callable[[int], None]) -> FloatArray:
    parts = [np.zeros(0)]
    for rows in chunks:
        parts.append(model.log_odds(rows))
        done(len(rows))
    log_odds = np.concatenate(parts)
    unscored = int((~np.isfinite(log_odds)).sum())
    if unscored:
        raise ModelError(
            f"The {model.kind} model gave {unscored} of {len(log_odds)} claims no finite score.",
            remedy="Train it again; a model that cannot score every claim must not rank them.",
        )
    return log_odds


def _order(claims: pd.Index, ranked_by: FloatArray) -> npt.NDArray[np.int64]:
    table = pa.table({"ranked_by": pa.array(ranked_by), "claim_id": pa.array(claims.astype("str"), type=pa.string())})
    indices = pc.sort_indices(table, sort_keys=[("ranked_by", "descending"), ("claim_id", "ascending")])
    return indices.to_numpy().astype(np.int64)


def _check_numbers(*, capacity: int, top_reasons: int, explain: int | None, chunk: int) -> None:
    least = {"capacity": (capacity, 0), "top_reasons": (top_reasons, 0), "explain": (explain or 0, 0)}
    for name, (value, lowest) in (least | {"chunk": (chunk, 1)}).items():
        if value < lowest:
            raise ParameterError(f"Expected a whole number of at least {lowest}, got {value}.", where=name)


def _check_claims(frame: pd.DataFrame, model: Model, usual: UsualValues) -> None:
    repeated = int(frame.index.duplicated().sum())
    if repeated:
        raise ParameterError(
            f"Expected one row per claim_id; {repeated} rows repeat an earlier claim.",
            where="frame",
            remedy="Build the features again from a validated book.",
        )
    missing = sorted(column.name for column in model.columns if column.name not in usual)
    if missing:
        raise FeatureMismatch(
            f"The usual values lack {missing}.",
            where="usual",
            remedy="Use the usual values saved with the model, from the claims it learnt from.",
        )
