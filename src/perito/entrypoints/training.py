"""The steps of the main job one at a time, for the command line. The same core functions, no servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perito.datasets.reader import load_spec
from perito.domain.errors import ParameterError
from perito.entrypoints.batches import deliver, key_of, open_destination
from perito.entrypoints.console import working_on
from perito.entrypoints.document import (
    Document,
    Learnt,
    currency_of,
    describe_data,
    describe_learning,
    describe_population,
    describe_test,
)
from perito.entrypoints.main_job import blend_all, reach_verdicts, sort_out, train_or_skip, tuning
from perito.entrypoints.open_dataset import Dataset, load_dataset
from perito.entrypoints.ranking import Manner, rank_claims_of
from perito.entrypoints.request import Request, as_language, as_seed, with_audits
from perito.entrypoints.still_possible import still_possible
from perito.evaluation.places import desk_places
from perito.features.build import build_features
from perito.files import atomic_folder, check_folder
from perito.learning import (
    Candidate,
    Material,
    find_what_holds,
    gather_material,
    hidden_from_features,
    hold_to,
    inputs_learnt_from,
    measure,
    measure_calibration,
    measure_population,
)
from perito.models import CANDIDATES, MODEL_FILES, load_model, save_model
from perito.scoring import (
    USUAL_FILE,
    read_usual,
    usual_values,
    write_scores,
    write_usual,
)
from perito.store import Database, Terms, check_database
from perito.study import Study, check_both_sides, open_study

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
    time_budget: float | None = None,
) -> Document:
    """Train, blend, save the blend; return what the folds said."""
    _check_names(names)
    request = Request.of(dataset, data, None, test_from=test_from, test_to=test_to, seed=seed, lang="en")
    request = request.within(time_budget)
    folder = out or Path("perito-results") / f"{load_spec(dataset).name}-model"
    check_folder(folder, ours=OURS)
    with still_possible(dataset, data), _read(dataset, data) as opened:
        study = _open(opened, request)
        check_both_sides(study)
        with working_on("Build features and look for leaks"):
            material = gather_material(study)
        learnt, material = _learn(material, names, request)
        verdicts = reach_verdicts(material, learnt, request.language)
        with atomic_folder(folder, ours=OURS) as fresh:
            save_model(learnt.blended.candidate.model, fresh)
            write_usual(usual_values(inputs_learnt_from(material), material.columns), fresh)
        document = describe_data(study, opened.validated, request.language)
        document |= describe_learning(learnt, verdicts, request.language)
        return document | {"outputs": {"model": str(folder.resolve())}}


def _learn(material: Material, names: Sequence[str], request: Request) -> tuple[Learnt, Material]:
    with working_on("Leave out what does not hold in a later period"):
        held = find_what_holds(material)
        material = hold_to(material, held)
    trained: dict[str, Candidate | str] = {}
    for name in names or CANDIDATES:
        with working_on(f"Train {name}"):
            trained[name] = train_or_skip(material, name, *tuning(name, request.time_budget))
    candidates, skipped = sort_out(trained)
    with working_on("Blend and calibrate"):
        return Learnt(held, candidates, skipped, blend_all(material, candidates, skipped)), material


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
            figures, calibration = measure(study, frame, trained), measure_calibration(study, frame, trained)
            population = measure_population(study, frame, trained)
        document = describe_data(study, opened.validated, request.language) | describe_test(figures, calibration)
        return document | describe_population(population, request.language)


@dataclass(frozen=True)
class Scoring:
    """How claims are to be scored: the share explained, the language, and the share of random audits with its seed.

    `database`: where the scores go besides their files; None for nowhere.
    """

    explain: float = 1.0
    lang: str = "en"
    audit_share: float | None = None
    seed: int = 0
    database: Database | None = None


def score(model: Path, dataset: str, data: str | None, *, out: Path | None, asked: Scoring) -> Document:
    """Score every claim of the dataset, explain the first of them, write both files, and the batch where asked."""
    if not 0 <= asked.explain <= 1:
        raise ParameterError(f"Expected a share from 0 to 1, got {asked.explain}.", where="--explain")
    language, seed = as_language(asked.lang), as_seed(asked.seed)
    spec = with_audits(load_spec(dataset), asked.audit_share)
    folder = out or Path("perito-results") / f"{spec.name}-scored"
    check_folder(folder, ours=SCORED)
    if asked.database is not None:
        check_database(asked.database)
    trained, usual = load_model(model), read_usual(model)
    with _read(dataset, data) as opened:
        with working_on("Build features"):
            frame = build_features(opened.validated.book).frame()
        places, explained = desk_places(spec.desk, len(frame)), round(asked.explain * len(frame))
        book = opened.validated.book
        to = None
        if asked.database is not None:
            terms = Terms(places.total, explained, currency_of(book), language, seed if places.audited else None)
            to = open_destination(asked.database, key_of(opened, model, trained), terms, places.audited)
        with working_on("Score and explain the claims"):
            manner = Manner(places, explained, language, seed)
            scores = rank_claims_of(book, opened.spec, frame, (trained, usual), manner)
        with atomic_folder(folder, ours=SCORED) as fresh:
            written = write_scores(scores, fresh)
        batch = None if to is None else deliver(scores, to)
    return {
        "dataset": opened.spec.name,
        "claims": len(scores),
        "alerts": int(scores["alert"].sum()),
        "audits": places.audited,
        "batch": batch,
        "outputs": {
            "scores": str(folder.resolve() / written[0].name),
            "scores_csv": str(folder.resolve() / written[1].name),
        },
    }


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
