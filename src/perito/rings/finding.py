"""Finds the rings of a book. Refuses what was not known at `as_of`, and groups that chance explains."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

import pandas as pd
import pyarrow as pa

from perito.datasets.book import Book
from perito.labels import mature_labels
from perito.rings.growing import Members, Network, grow_groups, meetings
from perito.rings.links import TABLES, Links, read_links
from perito.rings.ring import ClaimPath, Evidence, Ring, SharedParty
from perito.rings.surprise import (
    how_many_listed,
    log_expected_together,
    log_or_smallest,
    outcomes_p_value,
    plain,
)

SMALLEST = 3
"""Households and claims of a ring; what ties two households has many innocent names."""

_NAMINGS = """
SELECT g.grouping, g.hub, p.role, p.party_id, p.households, c.claim_id, c.policyholder, c.reported_at,
  c.claimed_amount, c.currency
FROM _ring_groups AS g
JOIN _ring_parties AS p ON p.party = g.party
JOIN _ring_named AS n ON n.role = p.role AND n.party_id = p.party_id
JOIN _ring_households AS h ON h.policyholder = n.policyholder AND h.household = g.household
JOIN _ring_claims AS c ON c.claim_id = n.claim_id
ORDER BY g.grouping, c.reported_at, c.claim_id, p.households, p.role, p.party_id
"""
"""One row per group, claim and shared party that the claim names; claims that name hubs alone included."""
_COLUMNS: dict[str, pa.DataType] = {
    "grouping": pa.int32(),
    "household": pa.int32(),
    "party": pa.int32(),
    "hub": pa.bool_(),
}
_GROUPS = pa.schema(_COLUMNS)


@dataclass(frozen=True)
class _Candidate:
    """A group to be judged, with the logs of what its ties and its time say; None where they say nothing."""

    members: Members
    log_expected: float | None = None
    log_time: float | None = None


@dataclass(frozen=True)
class _Yardstick:
    """What every candidate of a book is measured by."""

    candidates: int
    rate: float | None
    claims_of_party: dict[tuple[str, str], int]


@dataclass(frozen=True)
class _Judged:
    """A candidate with its rows of `_NAMINGS` and its score."""

    score: float
    namings: pd.DataFrame
    evidence: Evidence


def find_rings(book: Book, *, as_of: datetime | None = None) -> tuple[Ring, ...]:
    """The rings of a book as known strictly before an instant, the most surprising first.

    Parameters
    ----------
    book
        The accepted rows; they are left as found. A book without parties has no rings.
    as_of
        The instant (UTC) whose knowledge may be used: claims reported and decisions known
        before it. Without it, everything the book holds.

    Returns
    -------
    The most surprising groups, as many as can be while chance would make at most `FALSE_SHARE` of
    them. No claim is in two.

    Notes
    -----
    docs/rings.md tells the method and its sources. The cost is near linear: pairs are made only of
    households that share a party below the hub limits, and those are no more than the households.
    """
    try:
        links = read_links(book, as_of)
        candidates = tuple(_candidates(links))
        namings = _namings(book, links.network, candidates)
        labels = mature_labels(book, as_of=as_of)["label"]
        yardstick = _yardstick(book, len(candidates), labels)
    finally:
        book.engine.drop(f"_ring_{name}" for name in (*TABLES, "groups"))
    namings["label"] = namings["claim_id"].map(labels)
    groups = {int(str(number)): rows for number, rows in namings.groupby("grouping")}
    judged = _apart(_judge(candidates[number], rows, yardstick) for number, rows in groups.items())
    listed = judged[: how_many_listed([one.score for one in judged])]
    return tuple(sorted((_ring(one, yardstick) for one in listed), key=lambda ring: (-ring.score, ring.ring_id)))


def _candidates(links: Links) -> Iterator[_Candidate]:
    """Groups grown from seeds, and the households of every party that three share, which outcomes alone may tell."""
    for group in grow_groups(links.network, links.chance, links.seeds):
        if len(group.members) >= SMALLEST and len(group.claims) >= SMALLEST:
            yield _Candidate(group.members, group.log_expected, group.log_time)
    for star in sorted(set(links.stars), key=sorted):
        yield _Candidate(star)


def _apart(judged: Iterable[_Judged]) -> list[_Judged]:
    """The judged groups, the most surprising first, without those that have a claim of a more surprising one."""
    taken: set[str] = set()
    apart = []
    for one in sorted(judged, key=lambda one: -one.score):
        claims = set(one.namings["claim_id"])
        if len(claims) >= SMALLEST and not claims & taken:
            taken |= claims
            apart.append(one)
    return apart


def _namings(book: Book, network: Network, candidates: Sequence[_Candidate]) -> pd.DataFrame:
    rows = [
        (number, household, party, party not in network.households)
        for number, candidate in enumerate(candidates)
        for party, households in meetings(network, candidate.members).items()
        for household in households
    ]
    book.engine.load(
        "_ring_groups", pa.Table.from_pylist([dict(zip(_GROUPS.names, row, strict=True)) for row in rows], _GROUPS)
    )
    namings = book.engine.query(_NAMINGS).to_pandas()
    tied = namings.loc[~namings["hub"], ["grouping", "claim_id"]].drop_duplicates()
    return namings.merge(tied, on=["grouping", "claim_id"])


def _yardstick(book: Book, candidates: int, labels: "pd.Series[int]") -> _Yardstick:
    of_party = book.engine.query(
        "SELECT n.role, n.party_id, COUNT(*) AS claims FROM _ring_parties AS p"
        " JOIN (SELECT DISTINCT party FROM _ring_groups) AS g ON g.party = p.party"
        " JOIN _ring_named AS n ON n.role = p.role AND n.party_id = p.party_id"
        " GROUP BY n.role, n.party_id"
    )
    counts = zip(*(of_party[name].to_pylist() for name in ("role", "party_id", "claims")), strict=True)
    return _Yardstick(
        candidates,
        float(labels.mean()) if len(labels) else None,
        {(role, party_id): claims for role, party_id, claims in counts},
    )


def _ring(judged: _Judged, by: _Yardstick) -> Ring:
    namings = judged.namings
    claims = namings.drop_duplicates("claim_id")
    outcomes = _outcomes(claims)
    amounts, currencies = claims["claimed_amount"].dropna(), set(claims["currency"].dropna())
    one_currency = currencies.pop() if len(currencies) == 1 else None
    names = zip(namings["role"], namings["party_id"], namings["claim_id"], strict=True)
    paths: dict[str, list[tuple[str, str]]] = {}
    for role, party_id, claim_id in names:
        paths.setdefault(claim_id, []).append((role, party_id))
    return Ring(
        ring_id=_ring_id(paths),
        score=judged.score,
        claims=tuple(ClaimPath(claim_id, tuple(path)) for claim_id, path in paths.items()),
        policyholders=claims["policyholder"].nunique(),
        shared=_shared(namings, by),
        substantiated=outcomes[1],
        not_substantiated=outcomes[0],
        unknown=len(claims) - outcomes.total(),
        claimed_amount=round(float(amounts.sum()), 2) if len(amounts) and one_currency else None,
        currency=one_currency if len(amounts) else None,
        first_reported_at=claims["reported_at"].min().to_pydatetime(),
        last_reported_at=claims["reported_at"].max().to_pydatetime(),
        evidence=judged.evidence,
    )


def _judge(candidate: _Candidate, namings: pd.DataFrame, by: _Yardstick) -> _Judged:
    outcomes = _outcomes(namings.drop_duplicates("claim_id"))
    decided, log_time = outcomes.total(), candidate.log_time
    expected = log(by.candidates) if candidate.log_expected is None else candidate.log_expected
    found = Evidence(
        expected_by_chance=plain(expected),
        outcomes_p_value=outcomes_p_value(outcomes[1], decided, by.rate),
        time_p_value=1.0 if log_time is None else plain(log_time),
        book_substantiated_rate=by.rate,
    )
    # What says nothing is no part: that nothing was decided is no evidence, and costs none.
    of_outcomes = (log_or_smallest(found.outcomes_p_value),) if decided else ()
    of_time = () if log_time is None else (log_time,)
    logged = log_expected_together(expected, (*of_outcomes, *of_time), by.candidates)
    return _Judged(float(-logged / log(10)), namings, found)


def _outcomes(claims: pd.DataFrame) -> Counter[int]:
    return Counter(claims["label"].dropna().astype(int))


def _shared(namings: pd.DataFrame, by: _Yardstick) -> tuple[SharedParty, ...]:
    """The parties of a ring: first those of many policyholders that few others have."""
    shared = [
        SharedParty(
            str(role),
            str(party_id),
            claims=len(rows),
            policyholders=rows["policyholder"].nunique(),
            substantiated=int((rows["label"] == 1).sum()),
            not_substantiated=int((rows["label"] == 0).sum()),
            claims_in_book=by.claims_of_party[str(role), str(party_id)],
        )
        for (role, party_id), rows in namings.groupby(["role", "party_id"])
        if len(rows) > 1
    ]
    return tuple(sorted(shared, key=_order))


def _order(party: SharedParty) -> tuple[float, int, str, str]:
    return -party.policyholders * party.claims / party.claims_in_book, -party.claims, party.role, party.party_id


def _ring_id(claims: dict[str, list[tuple[str, str]]]) -> str:
    digest = hashlib.sha256("\n".join(sorted(claims)).encode()).hexdigest()
    return f"ring-{digest[:10]}"
