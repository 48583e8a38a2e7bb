"""LightGBM's own text of a booster, parted into its trees.

Refuses to change a tree: what is left of a booster answers as those trees did in the whole.
"""

import re

_EACH_TREE = re.compile(r"^(?=Tree=\d+$)", re.MULTILINE)
_ASKS = re.compile(r"^split_feature=(.*)$", re.MULTILINE)
_SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)
_END = "end of trees"


def trees_asking(text: str, feature: int) -> str | None:
    """The booster that only the trees make up which ask for the feature at a place; None where there is none.

    What it says and what the other trees say add up to what the whole booster says.
    """
    trees, after = text.split(_END, 1)
    head, *each = _EACH_TREE.split(trees)
    kept = [tree for tree in each if str(feature) in _asked(tree)]
    # Without the sizes, which are those of the whole, LightGBM reads one tree after the other.
    return _SIZES.sub("", head) + "".join(kept) + _END + after if kept else None


def _asked(tree: str) -> list[str]:
    found = _ASKS.search(tree)
    return found[1].split() if found else []
