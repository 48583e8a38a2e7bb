"""What a person reads about champions and the ledger. Refuses figures that are not in the document."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

out = Console(highlight=False)
VERBS = {"promoted": "Promoted", "refused": "Refused", "rolled_back": "Rolled back to"}


def print_promotion(document: Mapping[str, Any]) -> None:
    """One decision just taken."""
    entry = document["entry"]
    out.print(f"{VERBS[entry['action']]} version {entry['model_version']} of {document['dataset']}.")
    before = entry["previous_version"]
    out.print("It has no predecessor." if before is None else f"Version {before} was champion before.")
    if entry["against_the_gate"]:
        out.print("[bold red]Against the gate, and the ledger says so.[/bold red]")
    out.print(escape(entry["why"]), soft_wrap=True)
    out.print(f"Ledger row {entry['sequence']}, hash {entry['hash']}", soft_wrap=True)


def print_champion(document: Mapping[str, Any]) -> None:
    """Who is or was live, since when, and who decided it."""
    entry = document["entry"]
    if entry is None:
        out.print(f"No model of {document['dataset']} was live at {document['at']}, says the ledger.")
    else:
        out.print(f"{document['dataset']}: version {entry['model_version']} since {entry['at']}, run {entry['run_id']}")
        out.print(f"{VERBS[entry['action']]} by {escape(entry['who'])}. {escape(entry['why'])}", soft_wrap=True)
    if not document.get("agreed", True):
        out.print(
            f"[bold red]In MLflow the alias champion stands at {document['alias'] or 'no version'}.[/bold red] The "
            "next run repairs it if a crash left it one step behind; else use perito promote or perito rollback.",
            soft_wrap=True,
        )


def print_ledger(document: Mapping[str, Any]) -> None:
    """Every row, oldest first, three lines each."""
    if not document["entries"]:
        out.print("The ledger holds no row yet.")
    for entry in document["entries"]:
        against = ", against the gate" if entry["against_the_gate"] else ""
        what = f"{VERBS[entry['action']]} version {entry['model_version']} of {entry['dataset']}{against}"
        before = entry["previous_version"] or "none"
        figures = f"{_money(entry['challenger_net_money'])}, the champion's {_money(entry['champion_net_money'])}"
        out.print(f"[bold]{entry['sequence']}[/bold]  {entry['at'][:19]} UTC  {what}, by {escape(entry['who'])}")
        out.print(f"   Champion until then: {before}. Net money at capacity: {figures}.", soft_wrap=True)
        out.print(f"   {escape(entry['why'])}", soft_wrap=True)


def print_verified(document: Mapping[str, Any]) -> None:
    """That the chain holds, and the hash to keep elsewhere."""
    out.print(f"Rows checked: {document['rows']:,}. Every one is as it was written.")
    if document["last_hash"]:
        out.print(f"Last hash: {document['last_hash']}", soft_wrap=True)
        out.print("Kept elsewhere, it shows if rows are cut off at the end.")


def _money(value: float | None) -> str:
    return "not known" if value is None else f"{value:,.0f}"
