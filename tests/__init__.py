"""The tests of Perito. Small factories live in `tests.books`; nothing here is a mock of our own code."""
