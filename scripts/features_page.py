"""The page `docs/features.md`, made from the catalogue. Refuses to say more than the catalogue does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perito.features.catalogue import CATALOGUE
from perito.features.claim import CLAIM_FEATURES
from perito.features.feature import Feature
from perito.features.history import DAYS
from perito.features.neighbours import FURTHER_CLAIMS, PAIR_CLAIMS
from perito.features.network import HUB_CLAIMS, NETWORK_FEATURES, PRIOR_CLAIMS
from perito.features.party import PARTY_FEATURES
from perito.features.policy import POLICY_FEATURES


@dataclass(frozen=True)
class Group:
    """The features of one module, and what they read."""

    title: str
    module: str
    reads: str
    features: Sequence[Feature]
    notes: str = ""


NETWORK_NOTES = f"""\
A fraud that several people share leaves traces between claims: a garage, a broker or a phone that meets again.
Óskarsdóttir et al. (2022) link claims to all their parties and find that features of a claim's neighbourhood rank
better than the claim's own columns, and both together best; in Deprez et al. (2024) plain neighbourhood features rank
an insurer's claims better than BiRank and GraphSAGE do. So these are counts and ratios, and nothing learnt:

- **One step.** Claims that share a party with this one. Up to `linked_substantiated_weight`, each party of the claim
  is read by itself (`h`), so a claim that shares two parties counts twice; a party with more than {HUB_CLAIMS} other
  claims links nobody in particular and is left out, except of the first and the last of these. From `linked_claims`
  on, each other claim counts once (`n`).
- **Two steps.** The parties of a linked claim lead to further claims. Only parties that the claim itself does not
  name are followed, and the linked claim's own outcome is taken off: no label comes back to the claim it belongs to.
  A further claim counts once for each party that leads to it.
- **Hubs.** From the claim only a party with at most {PAIR_CLAIMS} other claims is followed, and from there one with at
  most {FURTHER_CLAIMS}: two steps through busy garages and brokers lead far into the book and say little of the claim.
  It is the number as of the assessment: a garage leads somewhere while it is new. With a cap, pairs grow with the
  links and not with their square.
- **A lift** says how many times as often as in the whole book investigated claims were substantiated. It takes
  {PRIOR_CLAIMS} decided claims for granted that were substantiated as often as usual, so that one finding among one
  claim does not shout. It is told against the book without the claim, so that leaving out a claim's own label does not
  make substantiated claims look better than others, and so that it does not mark the time.
- **Unknown is left out.** A claim nobody decided is in no ratio and no lift. Its existence counts in the counts.

[Decision 9](adr/0009-two-steps-by-pairs.md) says what else was tried, and what it costs.

Sources: M. Óskarsdóttir, W. Ahmed, K. Antonio, B. Baesens, R. Dendievel, T. Donas and T. Reynkens (2022), Social
network analytics for supervised fraud detection in insurance, *Risk Analysis* 42(8), doi:10.1111/risa.13693; B.
Deprez, F. Vandervorst, W. Verbeke, T. Verdonck and B. Baesens (2024), Network analytics for insurance fraud
detection: a critical case study, *European Actuarial Journal* 14(3), 965-990, doi:10.1007/s13385-024-00384-6.
"""
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
        "the claims that share a party with this one, and those one step further",
        NETWORK_FEATURES,
        NETWORK_NOTES,
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

NEIGHBOUR_COLUMNS: Mapping[str, str] = {
    "claims": "1; or 0 in the one row of a claim without neighbours",
    "shared_parties": "how many parties the two claims share",
    "other_policyholder": "the number of its policyholder; null where that is the claim's own or not known",
    "substantiated": "1 when it was known to be substantiated",
    "not_substantiated": "1 when it was known to be not substantiated",
    "further_substantiated": "further claims known to be substantiated, to which its parties lead",
    "further_not_substantiated": "further claims known to be not substantiated, to which its parties lead",
    "book_substantiated": "claims of the whole book known to be substantiated; the same in every row",
    "book_not_substantiated": "those known to be not substantiated",
}
"""The columns of the relation `n`, likewise."""

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
- `n` has one row per other claim that shares a party with the claim, as of the same day.
- *Needs* names what the dataset must provide. `parties` is any party at all, and `policyholders` a policyholder
  named by the policy or as a party.
- *Null* says when there is no value. The table of features keeps it null;
  [the models](models.md) say what they make of it.
- A `flag` is 1 or 0. An `amount` is in the currency of the claim. A `ratio` of 1 reads as 100 %.

| column of `h` | what it says |
|---|---|
{history}

| column of `n` | what it says of the other claim |
|---|---|
{neighbours}
"""

CLOSING = """\
## The source's own columns

An attribute that the dataset spec declares becomes a feature under its own name: numbers and categories as they are,
dates as days before the report. Its sentence is the attribute's label. Protected attributes are kept apart and
never become features. [Dataset specs](dataset-specs.md) says how to declare both.
"""


def features_page() -> str:
    """The whole page, every feature of the catalogue under its group, in the catalogue's order."""
    history, neighbours = (
        "\n".join(f"| `{column}` | {meaning} |" for column, meaning in columns.items())
        for columns in (HISTORY_COLUMNS, NEIGHBOUR_COLUMNS)
    )
    assert sum(len(group.features) for group in GROUPS) == len(CATALOGUE)
    parts = [OPENING.format(count=len(CATALOGUE), history=history, neighbours=neighbours)]
    for group in GROUPS:
        source = f"Module `features/{group.module}.py`, {len(group.features)} features."
        parts.append(f"## {group.title}\n\nThey read {group.reads}. {source}\n")
        parts += [group.notes] if group.notes else []
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
