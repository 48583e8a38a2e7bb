"""`perito init` as a person types it: with a terminal and without, once and again."""

import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

PERITO = [sys.executable, "-c", "from perito.entrypoints.cli import main; main()", "init"]
QUIET = {name: value for name, value in os.environ.items() if not name.startswith("PERITO_")}


def perito_init(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PERITO, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=QUIET, check=False
    )


def at_a_terminal(folder: Path, answer: str) -> int:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return subprocess.run(
            PERITO, cwd=folder, stdin=theirs, capture_output=True, text=True, env=QUIET, check=False
        ).returncode
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_newcomer_gets_a_private_file_and_the_next_command(tmp_path: Path) -> None:
    done = perito_init(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "docker compose up -d --build" in done.stdout
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert f"PERITO_PROJECT='{tmp_path}'" in (tmp_path / ".env").read_text()
    assert (tmp_path / "data").is_dir()
    assert all(len(word) < 32 for word in done.stdout.split())


def test_without_a_terminal_nothing_is_replaced_and_with_the_option_the_old_file_is_kept(tmp_path: Path) -> None:
    perito_init(tmp_path)
    first = (tmp_path / ".env").read_text()
    refused = perito_init(tmp_path)
    assert refused.returncode == 8
    assert "--overwrite" in refused.stderr
    assert (tmp_path / ".env").read_text() == first
    assert perito_init(tmp_path, "--overwrite").returncode == 0
    [kept] = tmp_path.glob(".env.bak-*")
    assert kept.read_text() == first != (tmp_path / ".env").read_text()


def test_at_a_terminal_the_person_is_asked(tmp_path: Path) -> None:
    perito_init(tmp_path)
    first = (tmp_path / ".env").read_text()
    assert at_a_terminal(tmp_path, "n") == 8
    assert (tmp_path / ".env").read_text() == first
    assert at_a_terminal(tmp_path, "y") == 0
    assert (tmp_path / ".env").read_text() != first


def test_the_key_that_this_folder_hashed_with_so_far_stays(tmp_path: Path) -> None:
    (tmp_path / ".perito").mkdir()
    (tmp_path / ".perito" / "hash.key").write_text("the-key-of-earlier-runs")
    perito_init(tmp_path)
    assert "PERITO_HASH_KEY=the-key-of-earlier-runs\n" in (tmp_path / ".env").read_text()
