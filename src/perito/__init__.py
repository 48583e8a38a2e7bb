"""Perito: which insurance claims are most worth an investigator's time, and why."""
