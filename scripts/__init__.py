"""Programs that keep the repository in order. Nothing of Perito imports them."""
