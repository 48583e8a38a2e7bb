"""Dataset specs: a source's own columns become the four canonical tables. Refuses to judge rows."""
