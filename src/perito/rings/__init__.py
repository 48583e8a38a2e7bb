"""Rings: groups of claims of several households, tied by more shared parties than chance explains.

Refuses to call anybody anything: a ring is a list of claims with the path that ties each of them.
"""

from perito.rings.evidence import evidence, path_sentence
from perito.rings.finding import find_rings
from perito.rings.ring import ClaimPath, Evidence, Ring, SharedParty
from perito.rings.writers import describe_rings, write_rings

__all__ = [
    "ClaimPath",
    "Evidence",
    "Ring",
    "SharedParty",
    "describe_rings",
    "evidence",
    "find_rings",
    "path_sentence",
    "write_rings",
]
