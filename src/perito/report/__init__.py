"""One self-contained page that says the verdict first. Refuses the network and any figure it was not given."""

from perito.report.page import render_report

__all__ = ["render_report"]
