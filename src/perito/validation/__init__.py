"""Raw rows become accepted rows, or rejects with a reason each. Refuses to drop a row silently."""

from perito.validation.reading import read_book
from perito.validation.reasons import REASONS, WARNINGS
from perito.validation.verdict import TableCount, Validated

__all__ = ["REASONS", "WARNINGS", "TableCount", "Validated", "read_book"]
