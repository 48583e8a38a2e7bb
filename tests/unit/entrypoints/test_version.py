"""`perito --version` needs no command beside it."""

import re

import pytest

from perito.entrypoints.cli import main


def test_the_version_is_told_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code in {0, None}
    assert re.fullmatch(r"perito \d+\.\d+\.\d+\n", capsys.readouterr().out)
