"""Every error ends in its documented exit code and in words."""

import json

import pytest

from perito.domain import errors
from perito.domain.errors import PeritoError, SourceError
from perito.entrypoints.cli import EPILOG
from perito.entrypoints.exits import EXIT_CODES, exit_code, tell

KINDS = PeritoError.__subclasses__()


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_an_exit_code_that_help_explains(kind: type[PeritoError]) -> None:
    code = exit_code(kind("what"))
    assert code not in {0, 1, 130}
    assert f"{code} {EXIT_CODES[kind][1]}" in EPILOG


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_in_the_tree_that_the_module_draws(kind: type[PeritoError]) -> None:
    assert kind.__name__ in str(errors.__doc__)


def test_an_error_is_told_with_its_place_and_remedy_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    tell(SourceError("Expected a header.", where="claims.csv", remedy="Export it again."), as_json=False)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Error: claims.csv: Expected a header.\n  Export it again.\n")


def test_an_error_can_be_one_document_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    tell(SourceError("Expected a header.", where="claims.csv"), as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "error": "SourceError",
        "what": "Expected a header.",
        "where": "claims.csv",
        "remedy": "",
        "exit_code": 4,
    }
