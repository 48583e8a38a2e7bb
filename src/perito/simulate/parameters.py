"""What a simulated insurer is made of: one frozen value, checked when it is made.

Refuses a number out of its range, and rings that would stage more claims than are suspicious.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from perito.domain.errors import ParameterError

REGIONS = 12
"""Regions of the simulated country; each has at least one garage of long standing."""

RANGES: dict[str, tuple[float, float]] = {
    "claims": (100, 20_000_000),
    "policies_per_claim": (0.2, 10),
    "years": (1, 20),
    "motor_share": (0, 1),
    "fraud_share": (0, 0.5),
    "rings": (0, 1_000_000),
    "ring_members_min": (2, 50),
    "ring_members_max": (2, 50),
    "ring_claims_per_member": (1, 10),
    "ring_sharing": (0, 1),
    "garages": (REGIONS, 90_000),
    "inflation_per_year": (-0.2, 1),
    "seasonality": (0, 0.9),
    "drift": (0, 1),
    "effect": (0, 5),
    "planted_bias": (-3, 3),
    "null_share": (0, 0.5),
    "investigated_share": (0, 1),
    "investigation_bias": (0, 5),
    "investigator_hunch": (0, 5),
    "random_audit_share": (0, 1),
    "miss_rate": (0, 1),
    "false_rate": (0, 1),
    "inconclusive_rate": (0, 1),
    "delay_days_median": (1, 1000),
    "delay_days_sigma": (0, 3),
}
"""Parameter to its lowest and highest value, both allowed."""


@dataclass(frozen=True)
class Parameters:
    """One simulated insurer.

    Parameters
    ----------
    claims
        Claims in the book; the other tables follow from it.
    policies_per_claim
        Policies written for each claim in the book.
    start
        First day on which a claim may be reported.
    years
        Length of the book in calendar years.
    motor_share
        Share of motor policies; the others insure homes.
    fraud_share
        Share of claims that are suspicious in truth, ring claims included.
    rings
        Groups of policyholders who stage claims together.
    ring_members_min, ring_members_max
        Policyholders in a ring.
    ring_claims_per_member
        Staged claims per member, on average.
    ring_sharing
        Probability that a staged claim uses one of the ring's common phones, accounts,
        addresses, garages, witnesses, lawyers or physicians rather than the member's own.
    garages
        Garages in the country; their market shares fall with rank as in Zipf's law.
    inflation_per_year
        Yearly rise of the amounts, 0.05 is 5 %.
    seasonality
        Winter peak of the number of losses, as a share of its mean.
    drift
        How much suspicious behaviour, ring garages and channels change from first day to last.
    effect
        Strength of the traces that suspicious claims leave in plain columns; 0 leaves only the
        rings' causes, young policies, lawyers and physicians.
    planted_bias
        Log-odds added to a woman's propensity to exaggerate. Any value but 0 plants a
        direct effect of gender, for trying out fairness figures.
    null_share
        Share of nulls in the attributes that may be null.
    investigated_share
        Share of claims that are investigated.
    investigation_bias
        How strongly amount, watch list, young policies and adjusters' habits steer who is
        investigated; 0 removes them.
    investigator_hunch
        Log-odds by which a suspicious claim is likelier to be picked, for what an adjuster
        sees and no table holds.
    random_audit_share
        Share of the investigations that are drawn at random, with a logged probability.
    miss_rate
        Probability that an investigation of a suspicious claim does not substantiate it.
    false_rate
        Probability that an investigation of an honest claim substantiates it.
    inconclusive_rate
        Probability that an investigation ends without a finding.
    delay_days_median, delay_days_sigma
        Days from report to disposition: median and log-scale spread of a lognormal.

    Raises
    ------
    ParameterError
        Naming the parameter that is out of range.
    """

    claims: int = 40_000
    policies_per_claim: float = 1.2
    start: date = date(2022, 1, 1)
    years: int = 3
    motor_share: float = 0.7
    fraud_share: float = 0.03
    rings: int = 30
    ring_members_min: int = 4
    ring_members_max: int = 9
    ring_claims_per_member: float = 2.0
    ring_sharing: float = 0.6
    garages: int = 150
    inflation_per_year: float = 0.05
    seasonality: float = 0.25
    drift: float = 0.7
    effect: float = 1.0
    planted_bias: float = 0.0
    null_share: float = 0.02
    investigated_share: float = 0.08
    investigation_bias: float = 1.0
    investigator_hunch: float = 0.7
    random_audit_share: float = 0.1
    miss_rate: float = 0.15
    false_rate: float = 0.03
    inconclusive_rate: float = 0.05
    delay_days_median: float = 45.0
    delay_days_sigma: float = 0.6

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            self._check_range(name, low, high)
        if (self.start.month, self.start.day) == (2, 29):
            raise ParameterError(
                "A book of whole years cannot start on 29 February.",
                where="start",
                remedy="Start a day earlier or later.",
            )
        if self.ring_members_min > self.ring_members_max:
            raise ParameterError(
                f"The smallest ring cannot be larger than the largest, {self.ring_members_max} members.",
                where="ring_members_min",
                remedy="Lower ring_members_min or raise ring_members_max.",
            )
        self._check_rings()

    @classmethod
    def of_size(cls, claims: int) -> Self:
        """The default insurer, larger or smaller: rings and garages grow with the claims."""
        scale = claims / cls.claims
        return cls(
            claims=claims, rings=round(cls.rings * scale), garages=min(90_000, max(REGIONS, round(cls.garages * scale)))
        )

    @property
    def closes_at(self) -> datetime:
        """The instant at which the book ends: nothing later is written."""
        return datetime(self.start.year + self.years, self.start.month, self.start.day, tzinfo=UTC)

    @property
    def days(self) -> int:
        """Length of the book in days."""
        return (self.closes_at.date() - self.start).days

    def _check_range(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise ParameterError(
                f"Expected a value from {low:g} to {high:g}, and {value!r} came.",
                where=name,
                remedy="Choose a value in that range; docs/simulator.md explains each parameter.",
            )

    def _check_rings(self) -> None:
        staged = self.rings * (self.ring_members_min + self.ring_members_max) / 2 * self.ring_claims_per_member
        if staged > 0.8 * self.fraud_share * self.claims:
            raise ParameterError(
                f"{self.rings} rings would stage about {staged:.0f} claims; at most 80 % of the"
                f" {self.fraud_share * self.claims:.0f} suspicious ones may be theirs.",
                where="rings",
                remedy="Lower rings, raise fraud_share or claims, or use Parameters.of_size.",
            )
