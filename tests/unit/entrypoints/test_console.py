"""What the terminal shows: progress on standard error, results alone on standard output."""

import json
import subprocess
import sys
from typing import Any

import pytest

from perito.entrypoints.console import print_json, working_on
from perito.entrypoints.summary import print_rows

FAULT = "import sys; from perito.entrypoints import cli; sys.argv = ['perito', *sys.argv[1:]]; cli.main()"


def test_progress_goes_to_standard_error_and_results_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with working_on("Count the claims"):
        print_json({"título": 1})
    out, err = capsys.readouterr()
    assert json.loads(out) == {"título": 1}
    assert "Count the claims" in err


def test_every_table_is_told_with_its_rejects_and_an_absent_one_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[str, Any] = {"read": 3, "accepted": 1, "rejected": {"negative_amount": 2}}
    tables = {
        "policies": {"read": 0, "accepted": 0, "silent": 0, "rejected": {}},
        "dispositions": {"read": 1200, "accepted": 1000, "silent": 199, "rejected": {"unknown_outcome": 1}},
    }
    print_rows({**counts, "warnings": {"report_before_inception": 1}, "tables": tables})
    assert capsys.readouterr().out.splitlines() == [
        "claims: 3 rows read, 1 accepted.",
        "  rejected: 2 negative_amount",
        "  warning: 1 report_before_inception",
        "dispositions: 1,200 rows read, 1,000 accepted, 199 say nothing.",
        "  rejected: 1 unknown_outcome",
    ]


def test_a_fault_of_our_own_is_told_by_its_kind_alone(tmp_path: Any) -> None:
    # A standard output that cannot be written to is nobody's input: it stands for any unforeseen error.
    words = [sys.executable, "-c", FAULT.replace("cli.main()", "sys.stdout = None; cli.main()"), "datasets", "--json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: a fault of Perito itself (AttributeError). Run it again with --debug to see where.\n"
    shown = subprocess.run([*words, "--debug"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" in shown.stderr
