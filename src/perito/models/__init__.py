"""Candidates that explain themselves additively in log-odds. Refuses another feature list than their own."""
