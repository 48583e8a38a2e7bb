"""From a book to households and the parties that tie them, in the engine's SQL.

Refuses what is reported at `as_of` or later. Pairs are made only below the hub limits, where
they are no more than the households.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from perito.datasets.book import Book
from perito.domain.words import IDENTIFIER_ROLES, Role
from perito.engine import Engine
from perito.rings.chance import Chance, hub_limits, neighbour_limit
from perito.rings.growing import Members, Network, neighbours

LARGEST_HOUSEHOLD = 6
"""More policyholders than this at one address are no household."""

BUSINESSES = (Role.GARAGE, Role.BROKER, Role.LAWYER, Role.PHYSICIAN, Role.PROVIDER)
"""Parties whose trade it is to serve strangers, most of them neighbours: they tie nobody, whatever
their size, and corroborate what ties."""


def _text(roles: Iterable[str]) -> str:
    return ", ".join(f"'{role}'" for role in sorted(roles))


_CLAIMS = """
SELECT c.claim_id, c.reported_at, c.claimed_amount, c.currency,
  CAST(ROW_NUMBER() OVER (ORDER BY c.reported_at, c.claim_id) AS INTEGER) AS claim,
  1.0 * (RANK() OVER (ORDER BY c.reported_at) - 1) / COUNT(*) OVER () AS since,
  CUME_DIST() OVER (ORDER BY c.reported_at) AS until,
  COALESCE('holder ' || p.policyholder_id, 'holder ' || n.party_id, 'policy ' || c.policy_id, 'claim ' || c.claim_id)
    AS policyholder
FROM claims AS c
LEFT JOIN policies AS p ON p.policy_id = c.policy_id
LEFT JOIN (SELECT claim_id, MIN(party_id) AS party_id FROM parties WHERE role = 'policyholder' GROUP BY claim_id) AS n
  ON n.claim_id = c.claim_id
{known}
"""
"""One row per claim known by then, with the shares of the book reported before it and up to its instant.
A claim whose policyholder nobody states stands for its own."""

_NAMED = f"""
SELECT DISTINCT n.role, n.party_id, n.claim_id, c.policyholder
FROM parties AS n JOIN _ring_claims AS c ON c.claim_id = n.claim_id WHERE n.role <> '{Role.POLICYHOLDER}'
"""

_ADDRESSES = f"""
SELECT policyholder, STRING_AGG(party_id, ' | ' ORDER BY party_id) AS addresses
FROM (SELECT DISTINCT policyholder, party_id FROM _ring_named WHERE role = '{Role.ADDRESS}') AS a
GROUP BY policyholder
"""

_HOMES = f"""
SELECT addresses FROM _ring_addresses GROUP BY addresses HAVING COUNT(*) BETWEEN 2 AND {LARGEST_HOUSEHOLD}
"""

_HOUSEHOLDS = """
SELECT c.policyholder,
  CAST(DENSE_RANK() OVER (ORDER BY COALESCE('home ' || h.addresses, c.policyholder)) AS INTEGER) AS household
FROM (SELECT DISTINCT policyholder FROM _ring_claims) AS c
LEFT JOIN _ring_addresses AS a ON a.policyholder = c.policyholder
LEFT JOIN _ring_homes AS h ON h.addresses = a.addresses
"""
"""One row per policyholder. Those who give exactly the same addresses are one household: sharing an
address, and what goes with it, is what households do."""

_SLOTS = """
SELECT DISTINCT n.role, n.party_id, h.household
FROM _ring_named AS n JOIN _ring_households AS h ON h.policyholder = n.policyholder
"""

_PARTIES = f"""
SELECT role, party_id, households, role NOT IN ({_text(BUSINESSES)}) AS ties,
  CAST(ROW_NUMBER() OVER (ORDER BY role, party_id) AS INTEGER) AS party
FROM (SELECT role, party_id, COUNT(*) AS households FROM _ring_slots GROUP BY role, party_id) AS s
WHERE households > 1
"""

_DEGREES = "SELECT households, COUNT(*) AS n FROM _ring_parties WHERE {which} GROUP BY households"

_LINKS = """
SELECT p.party, p.households, s.household
FROM _ring_slots AS s JOIN _ring_parties AS p ON p.role = s.role AND p.party_id = s.party_id
WHERE p.ties AND p.households <= {limit}
"""

_HUB_LINKS = """
SELECT p.party, p.households, s.household
FROM _ring_slots AS s JOIN _ring_parties AS p ON p.role = s.role AND p.party_id = s.party_id
WHERE NOT (p.ties AND p.households <= {limit}) AND s.household IN (SELECT household FROM _ring_links)
"""

_CLAIMS_OF = """
SELECT l.household, l.party, c.claim, c.since, c.until
FROM _ring_{table} AS l
JOIN _ring_parties AS p ON p.party = l.party
JOIN _ring_named AS n ON n.role = p.role AND n.party_id = p.party_id
JOIN _ring_households AS h ON h.policyholder = n.policyholder AND h.household = l.household
JOIN _ring_claims AS c ON c.claim_id = n.claim_id
ORDER BY l.household, l.party, c.claim
"""

_TIES = """
SELECT a.household AS one, b.household AS other, a.party FROM _ring_links AS a
JOIN _ring_links AS b ON b.party = a.party AND b.household {order} a.household
WHERE a.households <= {limit}
"""

_TIED_TWICE = "SELECT one, other FROM _ring_pairs GROUP BY one, other HAVING COUNT(*) > 1"

_TRIANGLES = """
SELECT DISTINCT a.one AS first, a.other AS second, b.other AS third
FROM _ring_around AS a
JOIN _ring_around AS b ON b.one = a.other AND b.party <> a.party AND b.other > b.one
JOIN _ring_around AS c ON c.one = a.one AND c.other = b.other AND c.party <> a.party AND c.party <> b.party
WHERE a.one < a.other
"""
"""Three households, each pair tied by another party: a party that all three share makes none."""

TABLES = ("claims", "named", "addresses", "homes", "households", "slots", "parties", "links", "hubs", "pairs", "around")


@dataclass(frozen=True)
class Links:
    """The network of a book, the chance it is judged by, and where groups may begin.

    `stars`: the households of every party that three of them or more share.
    """

    network: Network
    chance: Chance
    seeds: tuple[Members, ...]
    stars: tuple[Members, ...]


def read_links(book: Book, as_of: datetime | None) -> Links:
    """Number the households and parties of the claims reported strictly before `as_of`, and tie them.

    Leaves the tables of `TABLES` in the engine, each after `_ring_`; the caller drops them.
    """
    engine = book.engine
    known = f"WHERE c.reported_at < TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S}'" if as_of else ""
    steps = (_CLAIMS.format(known=known), _NAMED, _ADDRESSES, _HOMES, _HOUSEHOLDS, _SLOTS, _PARTIES)
    for name, sql in zip(TABLES, steps, strict=False):
        engine.create(f"_ring_{name}", sql)
    degrees = _counts(engine, _DEGREES.format(which="TRUE"))
    slots = _counts(engine, "SELECT household, COUNT(*) AS n FROM _ring_slots AS s GROUP BY household")
    households = engine.query("SELECT COUNT(DISTINCT household) AS n FROM _ring_households")["n"][0].as_py()
    ties = _counts(engine, _DEGREES.format(which="ties"))
    twice, around = hub_limits(ties, households)
    limit = max(twice, around)
    engine.create("_ring_links", _LINKS.format(limit=limit))
    engine.create("_ring_pairs", _TIES.format(limit=twice, order=">"))
    engine.create("_ring_around", _TIES.format(limit=around, order="<>"))
    engine.create("_ring_hubs", _HUB_LINKS.format(limit=limit))
    network = _network(engine, slots, calendar=book.assessed_at == "reported_at")
    return Links(
        network,
        Chance(degrees, households, sum(slots.values())),
        (
            *_sets(engine, _TIED_TWICE),
            *_sets(engine, _TRIANGLES),
            *neighbours(network, neighbour_limit(ties, households)),
        ),
        tuple(frozenset(those) for those in network.households.values() if len(those) > 2),
    )


def _network(engine: Engine, slots: dict[int, int], *, calendar: bool) -> Network:
    parties: dict[int, list[int]] = {}
    households: dict[int, list[int]] = {}
    busy: dict[int, int] = {}
    claims: dict[tuple[int, int], list[int]] = {}
    moments: dict[int, tuple[float, float]] = {}
    for table in ("links", "hubs"):
        rows = engine.query(f"SELECT household, party, households FROM _ring_{table} ORDER BY household, party")
        for household, party, count in zip(*_columns(rows), strict=True):
            parties.setdefault(household, []).append(party)
            busy[party] = count
            if table == "links":
                households.setdefault(party, []).append(household)
        for household, party, claim, *moment in zip(
            *_columns(engine.query(_CLAIMS_OF.format(table=table))), strict=True
        ):
            claims.setdefault((household, party), []).append(claim)
            if calendar:
                moments[claim] = (moment[0], moment[1])
    identifiers_sql = f"SELECT party FROM _ring_parties WHERE role IN ({_text(IDENTIFIER_ROLES)})"
    [identifiers] = _columns(engine.query(identifiers_sql))
    return Network(
        {one: tuple(its) for one, its in parties.items()},
        {one: tuple(its) for one, its in households.items()},
        busy,
        slots,
        frozenset(identifiers),
        {pair: tuple(its) for pair, its in claims.items()},
        moments,
    )


def _counts(engine: Engine, sql: str) -> dict[int, int]:
    return dict(zip(*_columns(engine.query(sql)), strict=True))


def _sets(engine: Engine, sql: str) -> list[Members]:
    return [frozenset(row) for row in zip(*_columns(engine.query(sql)), strict=True)]


def _columns(rows: pa.Table) -> Sequence[list[int]]:
    return [column.to_numpy().tolist() for column in rows.columns]
