"""The rings as a person reads them on standard output. Refuses figures that are not in the document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from perito.entrypoints.summary import out

SHOWN_RINGS = 10
SHOWN_SENTENCES = 4


def print_rings(document: Mapping[str, Any]) -> None:
    """A table of the most surprising rings, and where all of them are."""
    rings = document["rings"]
    until = f" known before {document['as_of']}" if document["as_of"] else ""
    out.print(f"{len(rings)} rings among the claims{until}.")
    if rings:
        out.print(_table(rings[:SHOWN_RINGS]))
    out.print(f"Rings        {document['outputs']['rings']}", soft_wrap=True)
    out.print(f"As a table   {document['outputs']['rings_parquet']}", soft_wrap=True)


def _table(rings: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=f"The {len(rings)} most surprising", title_justify="left", show_lines=True)
    table.add_column("ring", no_wrap=True)
    table.add_column("why")
    for ring in rings:
        table.add_row(escape("\n".join(_facts(ring))), escape("\n".join(ring["why"][:SHOWN_SENTENCES])))
    return table


def _facts(ring: Mapping[str, Any]) -> Iterator[str]:
    decided = ring["substantiated"] + ring["not_substantiated"]
    yield f"{ring['ring_id']}, score {ring['score']:.1f}"
    yield f"{len(ring['claims'])} claims, {ring['policyholders']} policyholders"
    yield f"{ring['substantiated']} of {decided} decided substantiated"
    if ring["claimed_amount"] is not None:
        yield f"{ring['claimed_amount']:,.0f} {ring['currency']} claimed"
