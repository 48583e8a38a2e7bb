"""Whatever happens to the rows of a file, every one of them is accepted or rejected."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perito.domain.errors import SourceError
from perito.engine import Engine
from perito.validation.reasons import REASONS, WARNINGS
from tests.unit.validation.small import HEADER, line, read

Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "none": lambda row: row,
    "field more": lambda row: row + b",x",
    "field less": lambda row: row.rpartition(b",")[0],
    "open quote": lambda row: row.replace(b",Garage", b',"Garage'),
    "bytes": lambda row: row.replace(b"Garage", b"Gar\xff\x81ge"),
    "date": lambda row: row.replace(b"2024-01-03", b"2024-13-03"),
    "amount": lambda row: row.replace(b"100.5", b"-100,5"),
    "no id": lambda row: row[row.index(b",") :],
    "same id": lambda row: b"c0" + row[row.index(b",") :],
    "word": lambda row: row.replace(b"SUBSTANTIATED", b"GUILTY"),
    "cut": lambda row: row[: len(row) // 2],
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(DAMAGES)), min_size=1, max_size=12), st.binary(max_size=12))
def test_every_row_is_accounted_for_whatever_its_damage(damages: list[str], noise: bytes) -> None:
    rows = [DAMAGES[damage](line(id=f"c{at}", garage="Garage Ñ").encode()) for at, damage in enumerate(damages)]
    with TemporaryDirectory() as folder, Engine(threads=1) as engine:
        lines = [HEADER.encode(), line(id="good", garage="Ñandú").encode(), *rows, noise.replace(b"\x00", b"")]
        (Path(folder) / "claims.csv").write_bytes(b"\n".join(lines))
        try:
            validated = read(Path(folder), engine)
        except SourceError:
            return  # the noise made the file no text, or no claim was good
        kept = engine.count("claims")
    assert validated.read >= len(rows) + 1
    assert kept == validated.accepted
    assert validated.read == validated.accepted + sum(validated.rejected.values())
    for name, count in validated.tables.items():
        listed = validated.rejects["table"].to_pylist().count(name)
        assert listed == sum(count.rejected.values())
        assert count.read == count.accepted + count.silent + listed


def test_the_documented_codes_are_the_codes() -> None:
    documented = (Path(__file__).parents[3] / "docs" / "validation.md").read_text(encoding="utf-8")
    for code, sentence in (REASONS | WARNINGS).items():
        assert f"| `{code}` | {sentence} |" in documented
    assert documented.count("| `") == len(REASONS) + len(WARNINGS)
