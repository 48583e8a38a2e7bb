"""Perito in service: databases, servers, the worker, and what keeps them right.

Refuses to touch what it did not make.
"""
