"""What a run is asked for, and every refusal that needs no reading of claims.

Refuses before a server is started or a claim is read, so that a slip of the pen costs a second.
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

from perito.datasets.raw import find_file, used_sources
from perito.datasets.reader import MOST_AUDITS, load_spec
from perito.datasets.spec import DatasetSpec
from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.entrypoints.open_dataset import named_folder
from perito.entrypoints.settings import Settings
from perito.files import check_folder
from perito.registry import check_store
from perito.store import check_database
from perito.study import asked_split

HIGHEST_SEED = 2**31 - 1
"""The highest that every library takes."""
OUTPUTS = {
    "scores": "scores.parquet",
    "scores_csv": "scores.csv",
    "rejects": "rejects.parquet",
    "report": "report.html",
    "run": "run.json",
    "model": "model",
}
"""Name in the document to name in the results folder; the plots are in `plots`."""
OURS = frozenset({*OUTPUTS.values(), "plots"})
"""All that a results folder holds; a folder that holds anything else is not replaced."""


@dataclass(frozen=True)
class Request:
    """What a run was asked for. `out` is where results appear; None for `<dataset>` in the settings' folder of results.

    `time_budget`: seconds in which settings of models may be tried; None for a fixed number of trials.
    """

    dataset: str
    data: str | None = None
    out: Path | None = None
    test_from: date | None = None
    test_to: date | None = None
    seed: int = 0
    language: Language = Language.ENGLISH
    time_budget: float | None = None
    audit_share: float | None = None

    @classmethod
    def of(
        cls,
        dataset: str,
        data: str | None,
        out: str | None,
        *,
        test_from: str | None,
        test_to: str | None,
        seed: int,
        lang: str,
        audit_share: float | None = None,
    ) -> Self:
        """A request from plain text, as a command line or Prefect's form gives it.

        Raises
        ------
        ParameterError
            Naming the option that cannot be read.
        """
        return cls(
            dataset,
            data,
            Path(out) if out else None,
            test_from=_date(test_from, "--test-from"),
            test_to=_date(test_to, "--test-to"),
            seed=as_seed(seed),
            language=as_language(lang),
            audit_share=audit_share,
        )

    def within(self, seconds: float | None) -> Self:
        """The same request with a time budget for trying settings of models.

        Raises
        ------
        ParameterError
            If it is below 0.
        """
        if seconds is not None and not 0 <= seconds < math.inf:
            raise ParameterError(f"Expected seconds, 0 or more; got {seconds}.", where="--time-budget")
        return replace(self, time_budget=seconds)

    def results(self, name: str, settings: Settings) -> Path:
        """The folder of the results of the dataset `name`."""
        return self.out or settings.results / name


def as_language(text: str) -> Language:
    """`en` or `es`; raises ParameterError for anything else."""
    if text not in set(Language):
        raise ParameterError(f"Expected one of {', '.join(Language)}, got {text!r}.", where="--lang")
    return Language(text)


def with_audits(spec: DatasetSpec, audit_share: float | None) -> DatasetSpec:
    """The spec with the share of random audits that was asked for instead of its own.

    Raises
    ------
    ParameterError
        Unless 0 <= `audit_share` <= `MOST_AUDITS`.
    """
    if audit_share is None:
        return spec
    if not 0 <= audit_share <= MOST_AUDITS:
        raise ParameterError(
            f"Expected a share of the desk's places from 0 to {MOST_AUDITS}, got {audit_share}.",
            where="--audit-share",
            remedy="The ranking needs places too; 0.1 is a common share for random audits.",
        )
    return replace(spec, desk=replace(spec.desk, audit_share=audit_share))


def check_request(request: Request, settings: Settings) -> DatasetSpec:
    """Refuse now what a run would refuse later: spec, dates, data, results folder, MLflow's server, hash key.

    Raises
    ------
    SpecError, ParameterError, SourceError, OutputError, ServiceError
        What was expected, what came, where, and what to do.
    """
    spec = with_audits(load_spec(request.dataset), request.audit_share)
    asked_split(spec, test_from=request.test_from, test_to=request.test_to)
    folder = named_folder(spec, request.data, settings)
    if folder is not None:
        for file in filter(None, (spec.sources[name].file for name in used_sources(spec))):
            find_file(file, folder)
    check_folder(request.results(spec.name, settings), ours=OURS)
    check_store(settings.tracking())
    check_database(settings.database())
    settings.hash_key()
    return spec


def _date(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ParameterError(f"Expected a date like 2025-01-31, got {text!r}.", where=option) from error


def as_seed(seed: int) -> int:
    """A seed that every library takes; raises ParameterError for anything else."""
    if not 0 <= seed <= HIGHEST_SEED:
        raise ParameterError(f"Expected a whole number from 0 to {HIGHEST_SEED}, got {seed}.", where="--seed")
    return seed
