"""The one place that says what a claim may read: nothing of the day it is assessed on, and nothing later.

Refuses a second opinion: every window frame and every join of the features takes its cut from here.
`tests/contract/test_feature_contracts.py` removes the cut and sees exactly one contract fail.
"""

TIME_CUT = 1
"""Days before the assessment on which the last events lie that a claim may read."""


def frame_end(cut: int | None) -> str:
    """Where a window over days ends; None removes the cut, for the test that sees what happens."""
    return "UNBOUNDED FOLLOWING" if cut is None else f"{cut} PRECEDING"


def readable(day: str, as_of_day: str, cut: int | None) -> str:
    """The SQL condition that what happened on `day` may be read on `as_of_day`."""
    return "TRUE" if cut is None else f"{day} <= {as_of_day} - {cut}"
