"""A kind of model that cannot learn is skipped and says why; the others are blended."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from perito.domain.errors import LearningError
from perito.engine import Engine
from perito.entrypoints.main_job import blend_all, sort_out, train_or_skip
from perito.learning import Material, gather_material
from tests.unit.decided import claims, decided, spec, study

LIKE_EACH_OTHER = 110
"""The first claims, of one amount each: the earliest fold learns from them alone."""


@pytest.fixture(scope="module")
def material() -> Iterator[Material]:
    made = claims()
    decisions = [decided(one) for one in made]
    equal = [replace(one, claimed_amount=5000.0) for one in made[:LIKE_EACH_OTHER]] + made[LIKE_EACH_OTHER:]
    with Engine(memory_limit="500MB", threads=1) as engine:
        gathered = gather_material(study(engine, decisions, spec(), made=equal))
        yield replace(gathered, columns=tuple(one for one in gathered.columns if one.name == "claimed_amount"))


def test_a_kind_that_a_fold_tells_nothing_is_skipped_and_the_others_are_blended(material: Material) -> None:
    names = ("linear", "lightgbm", "catboost")
    candidates, skipped = sort_out({name: train_or_skip(material, name, 0) for name in names})

    assert list(candidates) == ["linear", "lightgbm"]
    assert "no feature differs" in skipped["catboost"]
    assert set(blend_all(material, candidates, skipped).weights) == {"linear", "lightgbm"}


def test_where_no_kind_could_learn_the_reasons_are_told(material: Material) -> None:
    candidates, skipped = sort_out({"catboost": train_or_skip(material, "catboost", 0)})

    with pytest.raises(LearningError, match=r"No kind of model could be trained\. .*no feature differs"):
        blend_all(material, candidates, skipped)
