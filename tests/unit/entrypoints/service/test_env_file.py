"""The file of secrets is private from its first byte, never lost, and read the way Docker Compose reads it."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perito.domain.errors import OutputError, ParameterError
from perito.entrypoints.service import env_file
from perito.entrypoints.service.databases import accounts_from
from perito.entrypoints.service.env_file import new_env_text, read_env_file, write_env_file

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRETS = ("POSTGRES_PASSWORD", "PREFECT_DB_PASSWORD", "MLFLOW_DB_PASSWORD", "PERITO_DB_PASSWORD", "PERITO_HASH_KEY")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def new_text() -> str:
    return new_env_text(project=Path("/srv/claims desk"), data=Path("/srv/claims #1 $x"))


def test_what_is_written_is_what_is_read_and_every_secret_is_its_own(tmp_path: Path) -> None:
    write_env_file(tmp_path / ".env", new_text())
    said = read_env_file(tmp_path / ".env")
    assert said.keys() == {*SECRETS, "PERITO_PROJECT", "PERITO_DATA_DIR"}
    assert (said["PERITO_PROJECT"], said["PERITO_DATA_DIR"]) == ("/srv/claims desk", "/srv/claims #1 $x")
    assert len({said[name] for name in SECRETS}) == len(SECRETS)
    assert all(len(bytes.fromhex(said[name])) == env_file.SECRET_BYTES for name in SECRETS)
    assert accounts_from(said)


def test_two_files_share_no_secret(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_env_file(tmp_path / name, new_text())
    one, two = read_env_file(tmp_path / "one"), read_env_file(tmp_path / "two")
    assert not {one[name] for name in SECRETS} & {two[name] for name in SECRETS}


def test_the_file_is_private_before_anything_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    opened = os.fdopen

    def watched(handle: int, how: str, *, encoding: str) -> object:
        seen.append((mode(tmp_path / ".env"), (tmp_path / ".env").stat().st_size))
        return opened(handle, how, encoding=encoding)

    monkeypatch.setattr(env_file.os, "fdopen", watched)
    before = os.umask(0)
    try:
        write_env_file(tmp_path / ".env", new_text())
    finally:
        os.umask(before)
    assert seen == [(0o600, 0)]
    assert mode(tmp_path / ".env") == 0o600


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=old\n")
    with pytest.raises(OutputError, match="There is a file already"):
        write_env_file(tmp_path / ".env", new_text())
    assert (tmp_path / ".env").read_text() == "POSTGRES_PASSWORD=old\n"


def test_a_replaced_file_is_kept_privately_beside_the_new_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=old\n")
    (tmp_path / ".env").chmod(0o644)
    kept = write_env_file(tmp_path / ".env", new_text(), now=NOON)
    assert kept == tmp_path / ".env.bak-20260301T120000000000"
    assert kept.read_text() == "POSTGRES_PASSWORD=old\n"
    assert (mode(kept), mode(tmp_path / ".env")) == (0o600, 0o600)
    with pytest.raises(OutputError):
        write_env_file(tmp_path / ".env", new_text(), now=NOON)
    assert kept.read_text() == "POSTGRES_PASSWORD=old\n"


def test_the_hash_key_in_use_can_be_kept(tmp_path: Path) -> None:
    text = new_env_text(project=tmp_path, data=tmp_path, hash_key="a-key-of-many-characters")
    write_env_file(tmp_path / ".env", text)
    assert read_env_file(tmp_path / ".env")["PERITO_HASH_KEY"] == "a-key-of-many-characters"


@pytest.mark.parametrize("name", ["it's", "a:b", "a\nb"])
def test_a_folder_that_compose_cannot_take_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="without quote, colon or line break"):
        new_env_text(project=Path("/srv") / name, data=Path("/srv"))


def test_every_optional_line_can_be_set_by_removing_its_sign(tmp_path: Path) -> None:
    text = "\n".join(line.removeprefix("#") if line[:2] != "# " else line for line in new_text().splitlines())
    (tmp_path / ".env").write_text(text)
    assert {"PERITO_BIND", "PREFECT_PORT", "PREFECT_SERVER_API_AUTH_STRING"} < read_env_file(tmp_path / ".env").keys()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A=plain", "plain"),
        ("  A = spaced  ", "spaced"),
        ("A=two words", "two words"),
        ("A=value # a comment", "value"),
        ("A=value#no-comment", "value#no-comment"),
        ("A='single # $ \\ quoted'  # a comment", "single # $ \\ quoted"),
        ('A="double # quoted"', "double # quoted"),
        ("A=", ""),
        ("A=''", ""),
        ("A=b=c", "b=c"),
    ],
)
def test_a_line_is_read_as_compose_reads_it(tmp_path: Path, line: str, value: str) -> None:
    (tmp_path / ".env").write_text(f"# a comment\n\n{line}\n")
    assert read_env_file(tmp_path / ".env") == {"A": value}


def test_the_last_of_two_lines_counts(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nA=2\n")
    assert read_env_file(tmp_path / ".env") == {"A": "2"}


@pytest.mark.parametrize(
    "line", ["s3cret", "A='s3cret", 'A="s3cret', "A=s3$cret", 'A="s3\\cret"', "1A=s3cret", "A='s3'cret", "A= # s3cret"]
)
def test_a_line_that_could_be_read_in_two_ways_is_refused_unseen(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"B=1\n{line}\n")
    with pytest.raises(ParameterError) as told:
        read_env_file(tmp_path / ".env")
    assert told.value.where == f"{tmp_path / '.env'}, line 2"
    assert "s3" not in str(told.value).removeprefix(told.value.where)


def test_no_file_is_an_error_that_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="perito init"):
        read_env_file(tmp_path / ".env")
