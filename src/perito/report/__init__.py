"""One self-contained page that says the verdict first. Refuses the network and any figure it was not given."""
