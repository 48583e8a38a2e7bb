"""Every error that Perito raises on purpose.

A message says what was expected, what came, where, and what to do. It never
holds personal data. Errors are caught once, at the edge, through one table
(`perito.entrypoints.exits`).

    PeritoError
    ├── SpecError          a dataset spec that cannot be used
    ├── SourceError        a file or table that cannot be read as the spec says
    ├── ParameterError     an option or argument out of its range
    ├── LearningError      the table allows no learning: one class, no labels, too few
    ├── FeatureMismatch    a model was given another list of features than its own
    ├── ModelError         a model folder that is missing, damaged or of another kind
    ├── MissingExtra       an optional dependency that is not installed
    ├── ServiceError       Prefect, MLflow or a database that does not answer
    ├── PromotionRefused   the gate, or the ledger, does not let a model take over
    ├── TamperedLedger     the promotion ledger was changed after it was written
    └── OutputError        a result that cannot be written
"""


class PeritoError(Exception):
    """What went wrong, where, and what to do about it.

    Parameters
    ----------
    what
        One sentence: what was expected and what came.
    where
        The file, line, column or option it is about.
    remedy
        One sentence that tells the reader what to do.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(" ".join(part for part in (f"{where}: {what}" if where else what, remedy) if part))


class SpecError(PeritoError):
    """A dataset spec that cannot be used."""


class SourceError(PeritoError):
    """A file or table that cannot be read as its spec says."""


class ParameterError(PeritoError):
    """An option or argument out of its range."""


class LearningError(PeritoError):
    """The table allows no learning: one class, no labels, or too few of them."""


class FeatureMismatch(PeritoError):
    """A model was given another list of features than the one it learnt from."""


class ModelError(PeritoError):
    """A model folder that is missing, damaged or of an unknown kind."""


class MissingExtra(PeritoError):
    """An optional dependency that is not installed."""


class ServiceError(PeritoError):
    """Prefect, MLflow or a database that does not answer."""


class PromotionRefused(PeritoError):
    """The gate, or the ledger, does not let a model take over."""


class TamperedLedger(PeritoError):
    """The promotion ledger was changed after it was written."""


class OutputError(PeritoError):
    """A result that cannot be written."""
