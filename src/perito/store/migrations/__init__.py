"""How the database came to its present shape, one revision after another. Refuses to lose a row on the way up."""
