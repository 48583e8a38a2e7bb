"""From an error to an exit code and a message: the one table for every shell.

Refuses tracebacks unless they were asked for.
"""

import json
import sys

from perito.domain.errors import (
    FeatureMismatch,
    LearningError,
    MissingExtra,
    ModelError,
    OutputError,
    ParameterError,
    PeritoError,
    PromotionRefused,
    ServiceError,
    SourceError,
    SpecError,
    TamperedLedger,
)

EXIT_CODES: dict[type[PeritoError], tuple[int, str]] = {
    ParameterError: (2, "an option or argument is out of its range"),
    SpecError: (3, "the dataset spec cannot be used"),
    SourceError: (4, "the data cannot be read as the spec says"),
    LearningError: (5, "the table allows no learning: one class, no labels, too few"),
    FeatureMismatch: (6, "the model learnt from other features"),
    ModelError: (6, "the model folder is missing or damaged"),
    ServiceError: (7, "Prefect, MLflow or a database does not answer"),
    OutputError: (8, "a result cannot be written"),
    MissingExtra: (9, "an optional package is not installed"),
    PromotionRefused: (10, "the gate or the ledger does not let the model take over"),
    TamperedLedger: (11, "the promotion ledger was changed after it was written"),
}
"""Error to exit code and meaning. 0 is success, 1 a fault of Perito itself, 2 also a misspelt
command, 130 an interrupt."""
INTERRUPTED = 130


def exit_code(error: PeritoError) -> int:
    """The exit code of an error, by its class."""
    return EXIT_CODES[type(error)][0]


def tell(error: PeritoError, *, as_json: bool) -> None:
    """Say what went wrong on standard error; with `as_json` as one JSON document on standard output too."""
    where = f"{error.where}: " if error.where else ""
    sys.stderr.write(f"Error: {where}{error.what}\n" + (f"  {error.remedy}\n" if error.remedy else ""))
    if as_json:
        document = {
            "error": type(error).__name__,
            "what": error.what,
            "where": error.where,
            "remedy": error.remedy,
            "exit_code": exit_code(error),
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
