"""What Perito says about a claim: a score, its reasons, an alert. Refuses to say what happened."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One feature's part in one claim's score.

    `contribution` is in log-odds: above zero makes the claim more suspicious. The
    contributions of all features and the model's base sum to the score's log-odds.
    `value` and `usual` are already written for a reader, with their unit.
    """

    feature: str
    sentence: str
    value: str
    usual: str
    contribution: float


@dataclass(frozen=True)
class Finding:
    """One thing a gate noticed in a table.

    `action` is what Perito did about it: `left_out`, `blocked`, `warned` or `asked`.
    """

    check: str
    column: str
    evidence: str
    action: str
