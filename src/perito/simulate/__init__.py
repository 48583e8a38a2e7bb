"""A synthetic insurer with known truth. Refuses to put the truth where training could read it."""
