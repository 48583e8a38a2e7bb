"""Honest figures: split by time, metrics at capacity with intervals, gates. Refuses to train on what it reports."""
