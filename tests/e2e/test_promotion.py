"""Who decided what about which model, from the command line: promote, refuse, override, roll back, ask, verify."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from perito.registry import RunRecord, Tracking, load_champion, log_run
from tests.e2e.conftest import MainRun, Typed
from tests.e2e.shell import Ended, Place

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(main_run: MainRun, tmp_path: Path) -> Place:
    """The insurer after one main job, with a home of its own in which version 2 is the same model again."""
    home = tmp_path / "home"
    shutil.copytree(main_run.place.folder / "perito home", home)
    tracking = Tracking(f"sqlite:///{home / 'mlflow.db'}", home / "mlartifacts")
    champion = load_champion("simulated", tracking)
    assert champion.learnt is not None
    again = RunRecord(
        dataset="simulated",
        fingerprint=main_run.document["fingerprint"],
        model=champion.model,
        usual=champion.usual,
        params={},
        metrics={},
        not_champion_because="",
        learnt=champion.learnt,
        verdict="",
    )
    assert log_run(again, tracking).model_version == "2"
    return Place(main_run.place.folder, {"PERITO_HOME": str(home), "PERITO_USER": "ana"})


def entry(ended: Ended) -> Any:
    assert ended.code == 0, ended.err
    return ended.document["entry"]


def test_a_run_says_what_became_of_its_model_and_the_ledger_has_the_row(main_run: MainRun) -> None:
    told = main_run.document["promotion"]
    assert told["action"] == "promoted"
    assert told["champion"]["version"] is None
    assert told["challenger"]["net_money_at_capacity"] == main_run.document["test"]["net_money_at_capacity"]
    assert told["ledger"]["sequence"] == 1
    assert told["why"] == main_run.document["mlflow"]["alias_reason"]


def test_a_model_no_better_than_the_champion_needs_an_override_and_can_be_taken_back(
    desk: Place, main_run: MainRun, typed_here: Typed
) -> None:
    words = ["promote", "simulated", "--data", main_run.book, "--why", "The board wants it."]
    refused = typed_here(desk, *words)
    assert refused.code == 10
    assert "difference of net money at capacity is 0" in refused.err
    assert "--override" in refused.err

    promoted = entry(typed_here(desk, *words, "--override", "--json"))
    assert (promoted["action"], promoted["against_the_gate"], promoted["who"]) == ("promoted", True, "ana")
    assert promoted["challenger_net_money"] == promoted["champion_net_money"]
    assert promoted["why"].startswith("The board wants it. The gate said: Not champion: version 1 is;")
    assert typed_here(desk, *words, "--override").code == 10, "it is champion already"

    back = typed_here(desk, "rollback", "simulated", "--why", "Alerts doubled.")
    assert back.code == 0
    assert "Rolled back to version 1" in back.out
    assert entry(typed_here(desk, "rollback", "simulated", "--why", "No.", "--json"))["model_version"] == "2"

    now = typed_here(desk, "champion", "simulated", "--json").document
    assert (now["entry"]["model_version"], now["alias"], now["agreed"]) == ("2", "2", True)
    then = typed_here(desk, "champion", "simulated", "--at", promoted["at"], "--json").document
    assert then["entry"]["sequence"] == promoted["sequence"]
    assert "version 2 since" in typed_here(desk, "champion", "simulated").out
    assert "No model" in typed_here(desk, "champion", "simulated", "--at", "2001-01-01").out

    listed = typed_here(desk, "ledger", "simulated", "--json").document["entries"]
    assert [row["action"] for row in listed] == ["promoted", "refused", "promoted", "rolled_back", "rolled_back"]
    told = typed_here(desk, "ledger").out
    assert "against the gate" in told
    assert "Alerts doubled." in told


def test_a_ledger_that_somebody_changed_is_told_and_where(desk: Place, typed_here: Typed) -> None:
    assert typed_here(desk, "ledger", "--verify").code == 0
    assert typed_here(desk, "rollback", "simulated", "--why", "x").code == 10, "the first champion has none before it"
    raw = sqlite3.connect(Path(desk.extra["PERITO_HOME"]) / "perito.db")
    raw.execute("DROP TRIGGER promotion_ledger_no_update")
    raw.execute("UPDATE promotion_ledger SET who = 'somebody else'")
    raw.commit()
    raw.close()
    found = typed_here(desk, "ledger", "--verify", "--json")
    assert found.code == 11
    assert "Row 1 does not fit" in found.document["what"]


def test_a_database_that_cannot_be_used_is_told_without_its_password(desk: Place, typed_here: Typed) -> None:
    place = desk.having(PERITO_DATABASE_URL="postgresql://ana:secret@127.0.0.1:9/perito")
    refused = typed_here(place, "ledger")
    assert refused.code == 2
    assert "names its driver" in refused.err
    assert "secret" not in refused.err
