"""The gate before a model reigns: what it takes to become champion, and the sentence that says so.

Refuses to let a model in that the other gates stopped, and one that does not surely earn more.
"""

from dataclasses import asdict, dataclass

from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.wording import say
from perito.learning.challenge import Challenge


@dataclass(frozen=True)
class Ruling:
    """Whether a model may take over, and why, in a sentence.

    `champion`: the version that reigns, None for none. `net_money`: the challenger's own, on
    every claim kept for reporting. `challenge`: what came of comparing the two; None without
    a champion.
    """

    passes: bool
    why: str
    champion: str | None
    net_money: Interval
    challenge: Challenge | None


def rule(
    stopped_because: str,
    champion: str | None,
    challenge: Challenge | None,
    *,
    net_money: Interval,
    language: Language = Language.ENGLISH,
) -> Ruling:
    """Rule on a challenger.

    `stopped_because`: why another gate (stand-in, nothing to learn, blocked leak) stopped it;
    empty for none. Without a champion a model that no gate stopped reigns: there is nothing
    to compare with, and its net money is told for the reader to judge. With one, the
    interval of the difference must lie wholly above zero.
    """
    words = _WORDS[language]
    if stopped_because:
        passes, why = False, stopped_because
    elif champion is None:
        passes, why = True, f"{words['first']} {_told(net_money, language)}"
    else:
        assert challenge is not None
        passes, why = _compared(champion, challenge, language)
    return Ruling(passes, f"{words['champion' if passes else 'not_champion']}: {why}", champion, net_money, challenge)


def _compared(champion: str, challenge: Challenge, language: Language) -> tuple[bool, str]:
    if challenge.comparison is not None:
        return challenge.comparison.better, challenge.comparison.sentence(champion, language)
    assert challenge.obstacle is not None
    return False, challenge.obstacle.sentence(champion, language)


def _told(net_money: Interval, language: Language) -> str:
    known = net_money.value is not None
    return say(_WORDS[language]["earns" if known else "unknown"], language, **asdict(net_money))


_WORDS = {
    Language.ENGLISH: {
        "champion": "Champion",
        "not_champion": "Not champion",
        "first": "the first model of this dataset that beats chance.",
        "earns": "Its net money at capacity is {value:,.0f} (95 % interval {low:,.0f} to {high:,.0f}); opening nothing "
        "earns 0.",
        "unknown": "Its net money at capacity is not known.",
    },
    Language.SPANISH: {
        "champion": "Campeón",
        "not_champion": "No es campeón",
        "first": "el primer modelo de estos datos que supera al azar.",
        "earns": "Su dinero neto a plena capacidad es {value:,.0f} (intervalo del 95 %: de {low:,.0f} a {high:,.0f}); "
        "no abrir nada rinde 0.",
        "unknown": "Su dinero neto a plena capacidad no se conoce.",
    },
}
