"""The causes of loss of the simulated insurer: how often, how dear, how often the police come."""

from dataclasses import dataclass

import numpy as np

from perito.simulate.draws import BoolArray, IntArray, one_of


@dataclass(frozen=True)
class Cause:
    """One cause of loss. `weight` is its frequency within its line, `amount` a median in first-year euros.

    `police` and `injury` are the probabilities of a police report and of an injured person.
    """

    name: str
    motor: bool
    weight: float
    amount: float
    police: float
    injury: float = 0.0


CAUSES = (
    Cause("collision", motor=True, weight=0.30, amount=1900, police=0.45, injury=0.12),
    Cause("rear_end", motor=True, weight=0.18, amount=1500, police=0.40, injury=0.18),
    Cause("parked_damage", motor=True, weight=0.20, amount=850, police=0.15),
    Cause("glass", motor=True, weight=0.17, amount=320, police=0.05),
    Cause("theft", motor=True, weight=0.05, amount=6500, police=0.95),
    Cause("weather", motor=True, weight=0.10, amount=1100, police=0.02),
    Cause("water", motor=False, weight=0.35, amount=1100, police=0.01),
    Cause("storm", motor=False, weight=0.20, amount=900, police=0.02),
    Cause("burglary", motor=False, weight=0.15, amount=2100, police=0.95),
    Cause("fire", motor=False, weight=0.05, amount=8000, police=0.60),
    Cause("accident", motor=False, weight=0.25, amount=350, police=0.01),
)
CAUSE_NAMES = tuple(cause.name for cause in CAUSES)
STAGED = {
    (True, False): CAUSE_NAMES.index("rear_end"),
    (True, True): CAUSE_NAMES.index("parked_damage"),
    (False, False): CAUSE_NAMES.index("water"),
    (False, True): CAUSE_NAMES.index("burglary"),
}
"""What a ring stages, by (motor, late way of working)."""


def draw_causes(motor: BoolArray, rng: np.random.Generator) -> IntArray:
    """One cause per claim, of its own line of business."""
    weights = np.array([cause.weight for cause in CAUSES])
    of_motor = np.array([cause.motor for cause in CAUSES])
    size = len(motor)
    return np.where(motor, one_of(rng, weights * of_motor, size), one_of(rng, weights * ~of_motor, size))
