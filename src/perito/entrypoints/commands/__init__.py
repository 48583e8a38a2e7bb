"""One module per group of commands. Heavy imports happen inside them, so that `--help` stays quick."""
