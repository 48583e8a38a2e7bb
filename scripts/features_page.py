"""The page `docs/features.md`, made from the catalogue. Refuses to say more than the catalogue does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perito.features.catalogue import CATALOGUE
from perito.features.claim import CLAIM_FEATURES
from perito.features.feature import Feature
from perito.features.history import DAYS
from perito.features.network import HUB_CLAIMS, NETWORK_FEATURES
from perito.features.party import PARTY_FEATURES
from perito.features.policy import POLICY_FEATURES


@dataclass(frozen=True)
class Group:
    """The features of one module, and what they read."""

    title: str
    module: str
    reads: str
    features: Sequence[Feature]


GROUPS = (
    Group("The claim", "claim", "the claim itself, and what is usual in its line of business", CLAIM_FEATURES),
    Group("The policy", "policy", "the policy of the claim, and the other claims of that policy", POLICY_FEATURES),
    Group(
        "The parties",
        "party",
        "what was known of one party of the claim; where several have the role, the highest value counts",
        PARTY_FEATURES,
    ),
    Group(
        "The neighbourhood",
        "network",
        "the claims that share a party with this one; except for the first and the last of them, a party with more "
        f"than {HUB_CLAIMS} other claims links nobody in particular and is left out",
        NETWORK_FEATURES,
    ),
)
HISTORY_COLUMNS: Mapping[str, str] = {
    "subject": "the party's role; or `policy`, `line` (of business) or `claim` for the claim's own",
    "claimed_amount": "the amount of the claim that is assessed, not of the party's others",
    "claims_ever": "the party's other claims",
    "claims_90d": f"those reported in the {DAYS['90d']} days before",
    "claims_1y": f"those reported in the {DAYS['1y']} days before",
    "amounts_1y": "those of the year that state an amount",
    "amount_1y": "the sum of those amounts",
    "substantiated": "other claims known to be substantiated",
    "not_substantiated": "other claims known to be not substantiated",
    "other_policyholders": "how many other policyholders had used this identifier; null for other parties",
}
"""The columns of the relation `h` and what they say; a test keeps them equal to those in use."""

OPENING = """\
# The features

Made by `make docs` from `src/perito/features/`. Do not edit this page.

A feature is one SQL expression with a name, a unit and the sentence an investigator reads. The catalogue
has {count} of them. A dataset gets those whose needs it provides; `perito features DATASET` lists them, and
says of each other what the dataset lacks. [Why SQL](adr/0001-features-are-sql-sentences.md) is a decision record.

## How to read an expression

- `c` is the claim and `p` its policy. There is one row of each.
- `h` has one row per party of the claim, as it stood *before* the claim was assessed: nothing of the same day
  or later. Decisions count from the day they became known. The claim's own row and its own decision are taken off.
- *Needs* names what the dataset must provide. `parties` is any party at all, and `policyholders` a policyholder
  named by the policy or as a party.
- *Null* says when there is no value. The table of features keeps it null;
  [the models](models.md) say what they make of it.
- A `flag` is 1 or 0. An `amount` is in the currency of the claim. A `ratio` of 1 reads as 100 %.

| column of `h` | what it says |
|---|---|
{history}
"""

CLOSING = """\
## The source's own columns

An attribute that the dataset spec declares becomes a feature under its own name: numbers and categories as they are,
dates as days before the report. Its sentence is the attribute's label. Protected attributes are kept apart and
never become features. [Dataset specs](dataset-specs.md) says how to declare both.
"""


def features_page() -> str:
    """The whole page, every feature of the catalogue under its group, in the catalogue's order."""
    history = "\n".join(f"| `{column}` | {meaning} |" for column, meaning in HISTORY_COLUMNS.items())
    assert sum(len(group.features) for group in GROUPS) == len(CATALOGUE)
    parts = [OPENING.format(count=len(CATALOGUE), history=history)]
    for group in GROUPS:
        source = f"Module `features/{group.module}.py`, {len(group.features)} features."
        parts.append(f"## {group.title}\n\nThey read {group.reads}. {source}\n")
        parts += [_entry(feature) for feature in group.features]
    return "\n".join((*parts, CLOSING))


def _entry(feature: Feature) -> str:
    needs = ", ".join(f"`{need}`" for need in sorted(feature.needs))
    return f"""\
### `{feature.name}`

{feature.sentence_en} · *{feature.sentence_es}*

Unit: {feature.unit or "none"}. Needs: {needs}. Null: {feature.null_means}.

```sql
{feature.expression}
```
"""
