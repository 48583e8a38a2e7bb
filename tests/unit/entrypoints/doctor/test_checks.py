"""What the doctor sees without a server: versions, disk, clock, settings, an embedded database."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from perito.entrypoints.doctor.database import check_database
from perito.entrypoints.doctor.examine import PATIENCE_SECONDS, Check, examine, run_checks
from perito.entrypoints.doctor.findings import Fault, Finding, exit_code
from perito.entrypoints.doctor.machine import check_clock, check_disk
from perito.entrypoints.doctor.versions import check_versions
from perito.entrypoints.settings import Settings
from perito.store import open_ledger

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def settings(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"PERITO_HOME": str(folder / "home"), **environ}, folder)


def test_the_first_class_of_faults_gives_the_exit_code() -> None:
    assert exit_code([Finding("a", "fine")]) == 0
    found = [Finding("a", "x", Fault.WORKER), Finding("b", "y", Fault.DATABASE), Finding("c", "fine")]
    assert exit_code(found) == Fault.DATABASE.exit_code


def test_every_class_has_a_code_of_its_own() -> None:
    codes = [fault.exit_code for fault in Fault]
    assert len(set(codes)) == len(codes)
    assert min(codes) >= 20, "codes below 20 are those of errors"


def test_what_is_installed_here_is_within_its_bounds() -> None:
    assert all(finding.fault is None for finding in check_versions())


@pytest.mark.parametrize(("bound", "have"), [("sqlalchemy<2.1", "2.1.0"), ("fastapi<0.151", "0.165.0")])
def test_a_version_that_breaks_servers_is_named_with_its_bound(bound: str, have: str) -> None:
    [found] = check_versions([bound], lambda name: have)
    assert found.fault is Fault.VERSIONS
    assert have in found.saw
    assert bound.partition("<")[2] in found.saw


def test_bounds_of_an_extra_that_nobody_asked_for_are_left_alone() -> None:
    [found] = check_versions(["keras>=99; extra == 'tensorflow'"], lambda name: "1")
    assert found.fault is None


def test_a_package_that_is_not_installed_is_named() -> None:
    [found] = check_versions(["no-such-package>=1"])
    assert "nothing is installed" in found.saw


def test_a_disk_without_room_is_named_with_what_is_free(tmp_path: Path) -> None:
    assert all(finding.fault is None for finding in check_disk(settings(tmp_path), least=1))
    found = check_disk(settings(tmp_path), least=10**18)
    assert {finding.fault for finding in found} == {Fault.MACHINE}
    assert "GB free" in found[0].saw


@pytest.mark.parametrize(("apart", "fault"), [(timedelta(seconds=20), None), (timedelta(minutes=5), Fault.MACHINE)])
def test_a_clock_that_is_far_from_the_servers_is_a_fault(apart: timedelta, fault: Fault | None) -> None:
    for here in (NOW + apart, NOW - apart):
        [found] = check_clock(format_datetime(NOW, usegmt=True), here)
        assert found.fault is fault


def test_a_setting_that_cannot_be_used_comes_first_and_alone(tmp_path: Path) -> None:
    [found] = examine({"PERITO_DATA": str(tmp_path / "absent")}, tmp_path, "pool")
    assert found.fault is Fault.SETTINGS
    assert "PERITO_DATA" in found.saw


def test_an_embedded_database_is_looked_at_and_never_made(tmp_path: Path) -> None:
    here = settings(tmp_path)
    [found] = check_database(here)
    assert found.fault is None
    assert not (tmp_path / "home").exists()
    with open_ledger(here.database()):
        pass
    [found] = check_database(here)
    assert found.fault is None
    assert "revision" in found.saw


def test_without_servers_nothing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    found = examine({}, tmp_path, "pool")
    assert exit_code(found) == 0
    assert {"MLflow", "Prefect", "database", "versions"} <= {finding.check for finding in found}


def test_the_page_for_operators_tells_every_class_with_its_code() -> None:
    page = (Path(__file__).parents[4] / "docs" / "in-service.md").read_text(encoding="utf-8")
    for fault in Fault:
        assert f"| {fault.exit_code} | {fault.about} |" in page


def test_who_has_services_here_is_told_how_to_look_at_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    (tmp_path / ".env").touch()
    [prefect] = [one for one in examine({}, tmp_path, "pool") if one.check == "Prefect"]
    assert "perito services environment" in prefect.saw


def test_a_check_that_hangs_is_a_fault_of_its_class_and_nobody_waits_for_it() -> None:
    began = time.monotonic()
    slow = Check("MLflow", Fault.MLFLOW, lambda: time.sleep(60) or [])
    quick = Check("disk", Fault.MACHINE, lambda: [Finding("disk", "room")])
    found = run_checks(slow, quick)
    assert time.monotonic() - began < PATIENCE_SECONDS + 1
    assert [(one.check, one.fault) for one in found] == [("MLflow", Fault.MLFLOW), ("disk", None)]


def test_a_check_that_fails_is_not_passed_over() -> None:
    with pytest.raises(ZeroDivisionError):
        run_checks(Check("disk", Fault.MACHINE, lambda: [Finding("disk", str(1 // 0))]))
