"""How a desk's places are shared between the ranking and random audits."""

import pytest

from perito.datasets.spec import Desk
from perito.evaluation.places import Places, desk_places


@pytest.mark.parametrize(
    ("desk", "claims", "places"),
    [
        (Desk(0.02), 1000, Places(20, 0)),
        (Desk(0.02, 0.1), 1000, Places(18, 2)),
        (Desk(0.02, 0.01), 1000, Places(19, 1)),
        (Desk(0.02, 0.9), 100, Places(1, 1)),
        (Desk(0.02, 0.9), 10, Places(1, 0)),
        (Desk(1.0, 0.5), 10, Places(5, 5)),
    ],
)
def test_audits_take_their_share_and_leave_the_ranking_a_place(desk: Desk, claims: int, places: Places) -> None:
    assert desk_places(desk, claims) == places
    assert desk_places(desk, claims).total == places.ranked + places.audited
