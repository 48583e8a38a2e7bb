"""Perito: which insurance claims are most worth an investigator's time, and why.

The public surface for a notebook: the functions that the flow and the command line call.

>>> import perito
>>> dataset = perito.load_dataset("simulated", "demo/insurer")              # doctest: +SKIP
>>> study = perito.open_study(dataset.validated.book, dataset.spec)         # doctest: +SKIP
>>> material = perito.gather_material(study)                                # doctest: +SKIP
>>> candidate = perito.train_candidate(material, "lightgbm")                # doctest: +SKIP
>>> perito.judge(candidate, seed=0).sentence()                              # doctest: +SKIP
>>> perito.measure(study, material.frame, candidate.model)["auc"]           # doctest: +SKIP
>>> perito.rank_claims(material, candidate).scores.head(10)                 # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perito.entrypoints.open_dataset import load_dataset
    from perito.features.build import build_features
    from perito.labels import mature_labels
    from perito.learning import gather_material, judge, measure, rank_claims, train_candidate
    from perito.models import load_model, save_model
    from perito.study import open_study

__all__ = [
    "build_features",
    "gather_material",
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
