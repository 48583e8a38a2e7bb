"""The steps of the main job one at a time, for the command line. The same core functions, no servers."""

from collections.abc import Sequence
from pathlib import Path

from perito.datasets.reader import load_spec
from perito.domain.errors import ParameterError
from perito.entrypoints.console import working_on
from perito.entrypoints.document import Document, currency_of, describe_data, describe_learning, describe_test
from perito.entrypoints.main_job import reach_verdicts, sort_out, train_or_skip
from perito.entrypoints.open_dataset import Dataset, load_dataset
from perito.entrypoints.request import Request, as_language
from perito.evaluation.metrics import claims_at_capacity
from perito.features.build import build_features
from perito.files import atomic_folder, check_folder
from perito.learning import Candidate, gather_material, hidden_from_features, inputs_learnt_from, measure
from perito.models import CANDIDATES, MODEL_FILES, load_model, save_model
from perito.models.interface import select_features
from perito.scoring import USUAL_FILE, Stakes, read_usual, score_claims, usual_values, write_scores, write_usual
from perito.study import Study, open_study

OURS = MODEL_FILES | {USUAL_FILE}
"""All that a model folder holds; a folder that holds anything else is not replaced."""
SCORED = frozenset({"scores.parquet", "scores.csv"})


def train(
    dataset: str,
    data: str | None,
    *,
    out: Path | None,
    names: Sequence[str],
    test_from: str | None,
    test_to: str | None,
    seed: int,
) -> Document:
    """Train, choose, save the chosen model; return what the folds said."""
    _check_names(names)
    request = Request.of(dataset, data, None, test_from=test_from, test_to=test_to, seed=seed, lang="en")
    folder = out or Path("perito-results") / f"{load_spec(dataset).name}-model"
    check_folder(folder, ours=OURS)
    with _read(dataset, data) as opened:
        study = _open(opened, request)
        with working_on("Build features and look for leaks"):
            material = gather_material(study)
        trained: dict[str, Candidate | str] = {}
        for name in names or CANDIDATES:
            with working_on(f"Train {name}"):
                trained[name] = train_or_skip(material, name)
        candidates, skipped = sort_out(trained)
        verdicts = reach_verdicts(material, candidates, request.language)
        with atomic_folder(folder, ours=OURS) as fresh:
            save_model(candidates[verdicts.chosen].model, fresh)
            write_usual(usual_values(inputs_learnt_from(material), material.columns), fresh)
        document = describe_data(study, opened.validated, request.language)
        document |= describe_learning(candidates, skipped, verdicts, request.language)
        return document | {"outputs": {"model": str(folder.resolve())}}


def evaluate(
    model: Path, dataset: str, data: str | None, *, test_from: str | None, test_to: str | None, seed: int
) -> Document:
    """Measure a saved model on the claims kept for reporting."""
    request = Request.of(dataset, data, None, test_from=test_from, test_to=test_to, seed=seed, lang="en")
    trained = load_model(model)
    with _read(dataset, data) as opened:
        study = _open(opened, request)
        with working_on("Build features"):
            frame = build_features(study.book, hidden=hidden_from_features(study)).frame()
        with working_on("Measure on the claims kept apart"):
            figures = measure(study, frame, trained)
        return describe_data(study, opened.validated, request.language) | describe_test(figures)


def score(model: Path, dataset: str, data: str | None, *, out: Path | None, explain: float, lang: str) -> Document:
    """Score every claim of the dataset, explain the first of them, write both files."""
    if not 0 <= explain <= 1:
        raise ParameterError(f"Expected a share from 0 to 1, got {explain}.", where="--explain")
    language = as_language(lang)
    folder = out or Path("perito-results") / f"{load_spec(dataset).name}-scored"
    check_folder(folder, ours=SCORED)
    trained, usual = load_model(model), read_usual(model)
    with _read(dataset, data) as opened:
        with working_on("Build features"):
            frame = build_features(opened.validated.book).frame()
        capacity = claims_at_capacity(opened.spec.desk.capacity_share, len(frame))
        with working_on("Score and explain the claims"):
            scores = score_claims(
                trained,
                select_features(frame, trained.columns),
                usual,
                capacity=capacity,
                stakes=_stakes(opened),
                language=language,
                currency=currency_of(opened.validated.book),
                explain=round(explain * len(frame)),
            )
        with atomic_folder(folder, ours=SCORED) as fresh:
            written = write_scores(scores, fresh)
    return {
        "dataset": opened.spec.name,
        "claims": len(scores),
        "alerts": int(scores["alert"].sum()),
        "outputs": {
            "scores": str(folder.resolve() / written[0].name),
            "scores_csv": str(folder.resolve() / written[1].name),
        },
    }


def _stakes(opened: Dataset) -> Stakes:
    amounts = opened.engine.query("SELECT claim_id, claimed_amount FROM claims").to_pandas().set_index("claim_id")
    return Stakes(amounts["claimed_amount"], opened.spec.money, opened.spec.desk.rank_by)


def _read(dataset: str, data: str | None) -> Dataset:
    with working_on("Read and validate the claims"):
        return load_dataset(dataset, data)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if name not in CANDIDATES:
            raise ParameterError(f"Expected one of {', '.join(CANDIDATES)}, got {name!r}.", where="--model")


def _open(opened: Dataset, request: Request) -> Study:
    return open_study(
        opened.validated.book, opened.spec, test_from=request.test_from, test_to=request.test_to, seed=request.seed
    )
