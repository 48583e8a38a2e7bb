"""The rings as a person reads them on standard output. Refuses figures that are not in the document."""

from collections.abc import Mapping, Sequence
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
    for heading in ("ring", "claims", "holders", "found", "claimed", "score"):
        table.add_column(heading, justify="left" if heading == "ring" else "right", no_wrap=heading == "ring")
    table.add_column("why", min_width=30)
    for ring in rings:
        decided = ring["substantiated"] + ring["not_substantiated"]
        amount = ring["claimed_amount"]
        table.add_row(
            ring["ring_id"],
            str(len(ring["claims"])),
            str(ring["policyholders"]),
            f"{ring['substantiated']} of {decided}",
            "" if amount is None else f"{amount:,.0f} {ring['currency']}",
            f"{ring['score']:.1f}",
            escape("\n".join(ring["why"][:SHOWN_SENTENCES])),
        )
    return table
