"""The five pictures of a run, as SVG files that look the same everywhere and repeat byte for byte.

Refuses global drawing state, and a picture of a figure that has no meaning.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from perito.domain.errors import OutputError, ParameterError
from perito.domain.words import Language
from perito.evaluation.curves import calibration_table, gain_curve, precision_recall_curve
from perito.evaluation.metrics import claims_at_capacity
from perito.evaluation.plot_words import PLOT_WORDS
from perito.evaluation.ranking import check_ranked, rank_claims, tally
from perito.evaluation.wording import say
from perito.models.interface import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#2b2b2b", "#757575", "#e3e3e3"
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
"""From the palette of Okabe and Ito (2008), told apart by colour-blind readers."""
STYLE: Mapping[str, object] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "perito",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
}
SHOWN_FEATURES = 12


@dataclass(frozen=True)
class Scored:
    """What the pictures are drawn from: one row per labelled claim of the test side.

    `score` in 0..1, higher is more suspicious; `label` 1 substantiated, 0 not;
    `amount` in the book's currency, or None; `contributions` by feature, in log-odds.
    """

    score: FloatArray
    label: FloatArray
    amount: FloatArray | None
    capacity: int
    contributions: Mapping[str, float]

    def found_at_capacity(self) -> float:
        """Share of the substantiated claims among the first `capacity`; a tie at the edge as expected."""
        return tally(rank_claims(self.score, self.label)).open_first(self.capacity).found / float(self.label.sum())


@dataclass(frozen=True)
class Words:
    """What is written on a picture, in one language."""

    language: Language

    def say(self, name: str, **values: object) -> str:
        """The text called `name`, with its values filled in."""
        return say(PLOT_WORDS[self.language][name], self.language, **values)


def draw_plots(
    score: npt.ArrayLike,
    label: npt.ArrayLike,
    amount: npt.ArrayLike | None,
    contributions: Mapping[str, float],
    folder: Path,
    *,
    capacity_share: float,
    language: Language = Language.ENGLISH,
) -> Mapping[str, Path]:
    """Draw the pictures of a ranking of labelled claims into an existing folder.

    `score`: 0..1, higher is more suspicious. `label`: 1 substantiated, 0 not.
    `amount`: claimed amount, null where a claim has none; adds a second gain curve.
    `contributions`: feature name to mean absolute contribution in log-odds.

    Returns name to file: `gain_lift`, `precision_recall`, `calibration`,
    `score_distribution`, `feature_contributions`. Without a substantiated claim the first
    three have no meaning and are not drawn; without contributions the last is not.

    Raises
    ------
    LearningError
        Without a single claim.
    ParameterError
        If a label is unknown, a score is null or outside 0..1, or the capacity is no share.
    OutputError
        If a file cannot be written.
    """
    scores, labels = np.asarray(score, dtype=np.float64), np.asarray(label, dtype=np.float64)
    check_ranked(scores, labels)
    if scores.min() < 0 or scores.max() > 1:
        raise ParameterError("Expected scores from 0 to 1.", where="draw_plots")
    amounts = None if amount is None else np.asarray(amount, dtype=np.float64)
    scored = Scored(scores, labels, amounts, claims_at_capacity(capacity_share, len(scores)), contributions)
    drawn = {name: draw for name, draw in _PICTURES.items() if _has_meaning(name, scored)}
    return {name: _write(draw, scored, folder / f"{name}.svg", Language(language)) for name, draw in drawn.items()}


def _has_meaning(name: str, scored: Scored) -> bool:
    if name == "feature_contributions":
        return bool(scored.contributions)
    return name == "score_distribution" or bool(scored.label.any())


def _write(draw: "Draw", scored: Scored, path: Path, language: Language) -> Path:
    with importlib.import_module("matplotlib").rc_context(dict(STYLE)):
        figure = importlib.import_module("matplotlib.figure").Figure(figsize=(7.2, 4.2), layout="constrained")
        draw(figure, scored, Words(language))
        _localise(figure, language)
        try:
            figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        except OSError as failure:
            raise OutputError(
                f"The picture could not be written ({failure.strerror}).",
                where=str(path),
                remedy="Name a folder that exists and can be written to.",
            ) from failure
    return path


def _localise(figure: "Figure", language: Language) -> None:
    scalar = importlib.import_module("matplotlib.ticker").ScalarFormatter
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if isinstance(axis.get_major_formatter(), scalar):
            axis.set_major_formatter(lambda value, _: say("{value:g}", language, value=float(value)))


def _gain_lift(figure: "Figure", scored: Scored, words: Words) -> None:
    curve = gain_curve(scored.score, scored.label, scored.amount)
    opened, found = 100 * curve["opened_share"].to_numpy(), 100 * curve["found_share"].to_numpy()
    edge = 100 * scored.capacity / len(scored.score)
    at_edge = 100 * scored.found_at_capacity()
    gain, lift = figure.subplots(1, 2, width_ratios=(3, 2))
    figure.suptitle(words.say("gain_title", found=at_edge, edge=edge), x=0.01, ha="left", fontsize=12)
    gain.plot((0, 100), (0, 100), color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label=words.say("chance"))
    gain.plot(opened, found, color=BLUE, linewidth=2, label=words.say("model"))
    if "found_amount_share" in curve:
        by_amount = 100 * curve["found_amount_share"].to_numpy()
        gain.plot(opened, by_amount, color=GREEN, linewidth=1.4, label=words.say("amount"))
    gain.axvline(edge, color=ORANGE, linewidth=1.2, label=words.say("capacity", claims=scored.capacity))
    gain.plot(edge, at_edge, "o", color=ORANGE)
    figure.supxlabel(words.say("opened"), fontsize=10)
    _frame(gain, "", words.say("found"), (0, 100), (0, 102))
    gain.legend(loc="lower right", fontsize=9)
    shown = opened >= min(1.0, edge)
    lift.axhline(1, color=MUTED, linestyle=(0, (4, 3)), linewidth=1)
    lift.plot(opened[shown], curve["lift"].to_numpy()[shown], color=BLUE, linewidth=2)
    lift.axvline(edge, color=ORANGE, linewidth=1.2)
    _frame(lift, "", words.say("lift"), (0, 100), None)
    lift.set_ylim(bottom=0)


def _precision_recall(figure: "Figure", scored: Scored, words: Words) -> None:
    curve = precision_recall_curve(scored.score, scored.label)
    recall, precision = 100 * curve["recall"].to_numpy(), 100 * curve["precision"].to_numpy()
    base, found = 100 * scored.label.mean(), scored.found_at_capacity()
    at_edge = 100 * found * scored.label.sum() / scored.capacity
    axes = figure.subplots()
    axes.set_title(words.say("precision_title", precision=at_edge, base=base))
    axes.axhline(base, color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label=words.say("chance"))
    axes.plot(recall, precision, color=BLUE, linewidth=1.6, drawstyle="steps-pre")
    label = words.say("capacity", claims=scored.capacity)
    axes.plot(100 * found, at_edge, "o", color=ORANGE, label=label)
    _frame(axes, words.say("recall"), words.say("precision"), (0, 100), (0, 102))
    axes.legend(loc="upper right", fontsize=9)


def _calibration(figure: "Figure", scored: Scored, words: Words) -> None:
    table = 100 * calibration_table(scored.score, scored.label).drop(columns="claims")
    said, happened = table["mean_probability"].to_numpy(), table["observed_rate"].to_numpy()
    reach = np.maximum([happened - table["low"].to_numpy(), table["high"].to_numpy() - happened], 0)
    top = 1.05 * max(float(said.max()), float(table["high"].max()))
    axes = figure.subplots()
    axes.set_title(words.say("calibration_title", said=100 * scored.score.mean(), happened=100 * scored.label.mean()))
    axes.plot((0, top), (0, top), color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label=words.say("as_said"))
    axes.errorbar(said, happened, reach, fmt="o", color=BLUE, elinewidth=1.2, capsize=3, label=words.say("observed"))
    _frame(axes, words.say("score_percent"), words.say("rate"), (-0.02 * top, top), (-0.02 * top, top))
    axes.legend(loc="upper left", fontsize=9)


def _score_distribution(figure: "Figure", scored: Scored, words: Words) -> None:
    bins = np.linspace(0, max(float(scored.score.max()), 1e-6), 31).tolist()
    axes = figure.subplots()
    axes.set_title(words.say("distribution_title"))
    for outcome, colour, name in ((0, BLUE, "others"), (1, ORANGE, "substantiated")):
        values = scored.score[scored.label == outcome]
        if len(values):
            weights = np.full(len(values), 100 / len(values))
            text = words.say(name, claims=len(values))
            axes.hist(values, bins, weights=weights, color=colour, alpha=0.25)
            axes.hist(values, bins, weights=weights, color=colour, histtype="step", linewidth=1.6, label=text)
    edge = np.sort(scored.score)[-scored.capacity]
    axes.axvline(edge, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)), label=words.say("edge", score=edge))
    _frame(axes, words.say("score"), words.say("share_of_class"), (0, bins[-1]), None)
    axes.legend(loc="upper right", fontsize=9)


def _feature_contributions(figure: "Figure", scored: Scored, words: Words) -> None:
    largest = sorted(scored.contributions.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_FEATURES]
    names, sizes = zip(*reversed(largest), strict=True)
    figure.set_size_inches(7.2, 1.5 + 0.28 * len(names))
    axes = figure.subplots()
    axes.set_title(words.say("contributions_title", feature=names[-1]))
    axes.barh(range(len(names)), sizes, color=BLUE, height=0.65)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(words.say("contribution"))


def _frame(
    axes: "Axes", x: str, y: str, x_range: tuple[float, float] | None, y_range: tuple[float, float] | None
) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if x_range is not None:
        axes.set_xlim(*x_range)
    if y_range is not None:
        axes.set_ylim(*y_range)


Draw = Callable[["Figure", Scored, Words], None]
_PICTURES: Mapping[str, Draw] = {
    "gain_lift": _gain_lift,
    "precision_recall": _precision_recall,
    "calibration": _calibration,
    "score_distribution": _score_distribution,
    "feature_contributions": _feature_contributions,
}
