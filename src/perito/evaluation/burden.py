"""Who bears the list's mistakes: how often cleared claims of each protected group were alerted.

A cleared claim was investigated and not substantiated; alerting it cost its claimant time and
trust for nothing. Refuses to hide a group, and to call a difference real that chance explains.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.errors import ParameterError
from perito.evaluation.bootstrap import Interval
from perito.evaluation.groups import grouped
from perito.evaluation.proportions import chance_of_difference, corrected, ratio_interval, share_interval

FEWEST_CLEARED = 30
"""Cleared claims that a group, and the others beside it, need before anything is said of it."""
FEWEST_ALERTED = 5
"""Alerts on cleared claims that an attribute needs before its groups are compared."""
MOST_GROUPS = 20
"""An attribute with more groups shows those below `FEWEST_CLEARED` as one."""
LEVEL = 0.05
"""A difference counts below this p-value once it is corrected: the chance that a run whose list treats
all groups alike tells any difference at all."""

Verdict = Literal["more_often", "less_often", "no_difference_shown", "too_few"]


@dataclass(frozen=True)
class GroupBurden:
    """One group of one protected attribute.

    `group` is None where the attribute is null. `pooled` counts the small groups that stand
    in this row together; 0 for a single group. `rate`: share of its cleared claims that were
    alerted. `ratio`: that share against the share of the attribute's other groups together.
    `p_value` is corrected; None for a group that is too small to be judged.
    """

    group: str | None
    pooled: int
    cleared: int
    alerted: int
    rate: Interval
    ratio: Interval
    p_value: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Burden:
    """One protected attribute with its groups, bands and areas in their order, null last.

    `proxy`: the groups are areas that may stand for something no column tells.
    `comparisons`: how many of its groups were compared with the others; `attributes`: among
    how many attributes `LEVEL` was shared out. Both are 0 where nothing could be judged.
    """

    attribute: str
    proxy: bool
    comparisons: int
    attributes: int
    groups: tuple[GroupBurden, ...]

    @property
    def cleared(self) -> int:
        """Cleared claims of all groups."""
        return sum(one.cleared for one in self.groups)

    @property
    def alerted(self) -> int:
        """Those of them that were alerted."""
        return sum(one.alerted for one in self.groups)

    @property
    def differs(self) -> tuple[GroupBurden, ...]:
        """The groups whose share differs beyond chance."""
        return tuple(one for one in self.groups if one.verdict in {"more_often", "less_often"})


def burden(
    alerted: npt.ArrayLike, label: npt.ArrayLike, groups: Mapping[str, pd.Series], *, proxies: Collection[str] = ()
) -> tuple[Burden, ...]:
    """How often cleared claims were alerted, by group of each protected attribute.

    One row per claim. `alerted`: whether it took a place within capacity. `label`: 1
    substantiated, 0 not, null unknown; only the claims with 0 count, as known when this is
    reported. `groups`: the values of each attribute, cut by `grouped`; null is a group.
    `proxies`: the attributes among them that are areas.

    The share is the false positive rate of the list within the group, which the rule of equal
    odds would have equal (Hardt, Price and Srebro 2016, NeurIPS 29); its difference between
    groups is what Angwin, Larson, Mattu and Kirchner (2016, ProPublica) measured in COMPAS.
    Where groups differ in how often they are substantiated, equal shares and an equally
    meant score exclude each other (Chouldechova 2017, Big Data 5(2), 153-163): the figure
    asks for an explanation and is no verdict on the model.

    A group is judged when it and the others have `FEWEST_CLEARED` cleared claims each, and
    `FEWEST_ALERTED` cleared claims were alerted in all. Every judged group is compared with
    the others of its attribute by Fisher's exact test; where there are two groups only, that
    is one comparison. The attributes share `LEVEL` evenly, and Holm's correction covers the
    comparisons within each, so fifty areas do not hide a difference between two genders.
    Claims count as independent, which several claims of one person are not: p-values are
    then too small.

    Raises
    ------
    ParameterError
        If the lengths differ, or a label is neither 0, 1 nor null.
    """
    taken, labels = np.asarray(alerted, dtype=np.bool_), np.asarray(label, dtype=np.float64)
    _check(taken, labels, groups)
    cleared = labels == 0
    made = [
        Burden(name, name in proxies, 0, 0, tuple(_rows(grouped(values)[cleared], taken[cleared])))
        for name, values in groups.items()
    ]
    judged = [_p_values(one) for one in made]
    attributes = sum(map(bool, judged))
    return tuple(_judged(one, found, attributes) for one, found in zip(made, judged, strict=True))


def burden_record(burdens: Sequence[Burden]) -> list[dict[str, object]]:
    """The burden as a promotion keeps it: plain JSON without sentences, one entry per attribute, short numbers."""
    return [
        {
            "attribute": one.attribute,
            "proxy": one.proxy,
            "cleared": one.cleared,
            "alerted": one.alerted,
            "comparisons": one.comparisons,
            "attributes": one.attributes,
            "groups": [_group_record(group) for group in one.groups],
        }
        for one in burdens
    ]


def _group_record(one: GroupBurden) -> dict[str, object]:
    return {
        "group": one.group,
        "pooled": one.pooled,
        "cleared": one.cleared,
        "alerted": one.alerted,
        "rate": _short(one.rate),
        "ratio": _short(one.ratio),
        "p_value": _figures(one.p_value),
        "verdict": one.verdict,
    }


def _short(interval: Interval) -> dict[str, float | None]:
    return {name: _figures(bound) for name, bound in interval.document().items()}


def _figures(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _rows(groups: pd.Series, alerted: npt.NDArray[np.bool_]) -> Iterator[GroupBurden]:
    counted = pd.DataFrame({"alerted": alerted}).groupby(groups.reset_index(drop=True), dropna=False, observed=True)
    table = counted["alerted"].agg(["size", "sum"])
    cleared, hit = int(table["size"].sum()), int(table["sum"].sum())
    small = table["size"] < FEWEST_CLEARED
    pool = small & (len(table) > MOST_GROUPS)
    rows = [
        (None if pd.isna(name) else str(name), 0, *row) for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    shown = [row for row, pooled in zip(rows, pool, strict=True) if not pooled]
    if pool.any():
        shown.append((None, int(pool.sum()), *table[pool].sum().to_numpy()))
    for name, pooled, size, found in shown:
        n, k = int(size), int(found)
        ratio = ratio_interval(k, n, hit - k, cleared - n)
        yield GroupBurden(name, pooled, n, k, share_interval(k, n), ratio, None, "too_few")


def _p_values(one: Burden) -> dict[int, float]:
    """The place of each group that can be judged, and the uncorrected p-value of its comparison."""
    if one.alerted < FEWEST_ALERTED:
        return {}
    return {
        place: chance_of_difference(
            group.alerted, group.cleared, one.alerted - group.alerted, one.cleared - group.cleared
        )
        for place, group in enumerate(one.groups)
        if min(group.cleared, one.cleared - group.cleared) >= FEWEST_CLEARED
    }


def _judged(one: Burden, found: Mapping[int, float], attributes: int) -> Burden:
    if not found:
        return one
    mirrored = len(one.groups) == 2  # both groups then ask the same question
    raised = list(found.values()) if mirrored else corrected(list(found.values()))
    p_values = {place: min(attributes * p_value, 1.0) for place, p_value in zip(found, raised, strict=True)}
    groups = tuple(
        replace(group, p_value=p_values[place], verdict=_verdict(group, p_values[place])) if place in found else group
        for place, group in enumerate(one.groups)
    )
    return replace(one, comparisons=1 if mirrored else len(found), attributes=attributes, groups=groups)


def _verdict(group: GroupBurden, p_value: float) -> Verdict:
    if p_value >= LEVEL:
        return "no_difference_shown"
    return "less_often" if group.ratio.value is not None and group.ratio.value < 1 else "more_often"


def _check(alerted: npt.NDArray[np.bool_], label: npt.NDArray[np.float64], groups: Mapping[str, pd.Series]) -> None:
    lengths = {len(alerted), len(label), *(len(values) for values in groups.values())}
    if len(lengths) > 1:
        raise ParameterError(f"Expected one alert, label and group for each claim; came {sorted(lengths)} of them.")
    if not np.isin(label[~np.isnan(label)], (0, 1)).all():
        raise ParameterError("Expected labels of 0, 1 or null; another value came.", where="burden")
