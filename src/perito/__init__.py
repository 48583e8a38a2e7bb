"""Perito: which insurance claims are most worth an investigator's time, and why.

The public surface for a notebook: the functions that the flow and the command line call.

>>> import perito
>>> dataset = perito.load_dataset("simulated", "demo/insurer")              # doctest: +SKIP
>>> study = perito.open_study(dataset.validated.book, dataset.spec)         # doctest: +SKIP
>>> material = perito.gather_material(study)                                # doctest: +SKIP
>>> material = perito.hold_to(material, perito.find_what_holds(material))   # doctest: +SKIP
>>> names = ("linear", "lightgbm")
>>> trained = {name: perito.train_candidate(material, name) for name in names}  # doctest: +SKIP
>>> best = perito.blend(material, trained).candidate                        # doctest: +SKIP
>>> perito.judge(best, seed=0).sentence()                                   # doctest: +SKIP
>>> perito.measure(study, material.frame, best.model)["auc"]                # doctest: +SKIP
>>> perito.rank_claims(material, best).scores.head(10)                      # doctest: +SKIP
>>> perito.find_rings(dataset.validated.book)                               # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perito.entrypoints.open_dataset import load_dataset
    from perito.features.build import build_features
    from perito.labels import mature_labels
    from perito.learning import (
        blend,
        find_what_holds,
        gather_material,
        hold_to,
        judge,
        measure,
        rank_claims,
        train_candidate,
    )
    from perito.models import load_model, save_model
    from perito.rings import find_rings
    from perito.study import open_study

__all__ = [
    "blend",
    "build_features",
    "find_rings",
    "find_what_holds",
    "gather_material",
    "hold_to",
    "judge",
    "load_dataset",
    "load_model",
    "mature_labels",
    "measure",
    "open_study",
    "rank_claims",
    "save_model",
    "train_candidate",
]
_HOMES = {
    "load_dataset": "perito.entrypoints.open_dataset",
    "build_features": "perito.features.build",
    "find_rings": "perito.rings",
    "mature_labels": "perito.labels",
    "open_study": "perito.study",
    "load_model": "perito.models",
    "save_model": "perito.models",
}


def __getattr__(name: str) -> object:
    """Import a public function when it is first asked for, so that `import perito` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'perito' has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(_HOMES.get(name, "perito.learning")), name)
