"""The words and facts of the trade, in the standard library alone. Everything else builds on these."""
