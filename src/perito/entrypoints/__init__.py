"""The shells: command line, flow, settings. The only place with Prefect, the environment and the clock."""
