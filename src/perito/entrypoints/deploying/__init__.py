"""Perito's scheduled deployments: what they should be, what there is, and how the first becomes the second.

Refuses to start anything and to undo what an operator paused.
"""
