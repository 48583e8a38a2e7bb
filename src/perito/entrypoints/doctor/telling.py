"""Findings as a person reads them, and as a program does."""

from collections.abc import Sequence

from perito.entrypoints.doctor.findings import Finding, exit_code
from perito.entrypoints.document import Document


def print_findings(findings: Sequence[Finding]) -> None:
    """One line for each check, a remedy below what is wrong, and a last line that sums up; on standard output."""
    from rich.console import Console
    from rich.markup import escape

    out = Console(highlight=False)
    for finding in findings:
        mark = "[green]ok   [/green]" if finding.fault is None else "[bold red]wrong[/bold red]"
        out.print(f"{mark} [bold]{escape(finding.check)}[/bold]: {escape(finding.saw)}", soft_wrap=True)
        if finding.fault is not None:
            out.print(f"      {escape(finding.remedy)}", soft_wrap=True)
    wrong = sum(finding.fault is not None for finding in findings)
    out.print("Nothing is wrong." if not wrong else f"{wrong} to mend, the first one first.")


def document_of(findings: Sequence[Finding]) -> Document:
    """All findings, and the exit code."""
    return {
        "exit_code": exit_code(findings),
        "findings": [
            {
                "check": one.check,
                "saw": one.saw,
                "fault": None if one.fault is None else one.fault.name.lower(),
                "remedy": one.remedy,
            }
            for one in findings
        ],
    }
