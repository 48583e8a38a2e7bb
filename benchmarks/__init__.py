"""Speed and memory of Perito, measured and stored with the machine they were measured on. Not tests: nothing fails."""
