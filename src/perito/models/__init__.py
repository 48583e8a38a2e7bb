"""Candidates that explain themselves additively in log-odds. Refuses another feature list than their own."""

from perito.models.candidates import CANDIDATES, MODEL_FILES, kinds_of, load_model, save_model

__all__ = ["CANDIDATES", "MODEL_FILES", "kinds_of", "load_model", "save_model"]
