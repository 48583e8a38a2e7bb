"""The run's document says which claims its figures speak about."""

from itertools import product
from string import Formatter
from typing import get_args

from perito.datasets.spec import SplitKind
from perito.domain.words import Language
from perito.entrypoints.document import POPULATION


def test_every_kind_of_split_has_its_population_in_every_language_with_the_same_figures() -> None:
    assert set(POPULATION) == set(product(Language, get_args(SplitKind)))
    for kind in get_args(SplitKind):
        places = [{name for _, name, _, _ in Formatter().parse(POPULATION[one, kind]) if name} for one in Language]
        assert places[0] == places[1]
