"""Who and what stands around each claim: holder, garage, phone, account, address, witness, lawyer, physician.

Every identifier is invented: phone numbers of the unassigned country code 999, accounts of the
unassigned country XX, postcodes of no country. Refuses to tell a ring's identifiers from others.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from perito.domain.words import Role
from perito.simulate.details import CHANNELS, NO_GARAGE, Details, World
from perito.simulate.draws import BoolArray, IntArray, Texts, happens, numbered, one_of, scrambled, texts_at, words

PHONES, ACCOUNTS, ADDRESSES, WITNESSES = 3, 2, 3, 4
"""How many of each the members of one ring have in common."""
_SHARES_PHONE, _SHARES_ACCOUNT = 0.3, 0.5
_BROKERS_PER_CLAIM, _EXPERTS_PER_CLAIM = 1 / 1000, 1 / 400


@dataclass(frozen=True)
class _Link:
    """Claims (positions) and the number of the party that one role has on each."""

    role: Role
    claim: IntArray
    party: IntArray


def draw_parties(world: World, details: Details, claim_id: Texts, rng: np.random.Generator) -> pa.Table:
    """Draw the parties table: one row per claim, role and party, in the order of the claims within a role."""
    links = list(_links(world, details, rng))
    roles = [link.role.value for link in links]
    sizes = [len(link.claim) for link in links]
    return pa.table(
        {
            "claim_id": texts_at(claim_id, np.concatenate([link.claim for link in links])),
            "role": words(roles, np.repeat(np.arange(len(links)), sizes)),
            "party_id": pa.concat_arrays([_named(link) for link in links]),
        }
    )


def holder_names(holder: IntArray) -> Texts:
    """The identifier of each policyholder."""
    return numbered("H", scrambled(holder, 9, salt=7), 9)


def _links(world: World, details: Details, rng: np.random.Generator) -> Iterator[_Link]:
    holder = world.portfolio.holder[world.losses.policy]
    everyone = np.arange(len(holder))
    yield _Link(Role.POLICYHOLDER, everyone, holder)
    repaired = np.flatnonzero(details.garage != NO_GARAGE)
    yield _Link(Role.GARAGE, repaired, details.garage[repaired])
    yield _Link(Role.PHONE, everyone, _phones(world, details, holder, rng))
    yield _Link(Role.IBAN, everyone, _ring_or_own(world, _in_household(world, holder, _SHARES_ACCOUNT), ACCOUNTS, rng))
    yield _Link(Role.ADDRESS, everyone, _ring_or_own(world, world.portfolio.holders.household[holder], ADDRESSES, rng))
    yield from _witnesses(world, details, rng)
    yield _experts(world, Role.LAWYER, details.counsel, rng)
    yield _experts(world, Role.PHYSICIAN, details.physician, rng)


def _in_household(world: World, holder: IntArray, share: float) -> IntArray:
    shares = (scrambled(holder, 6) % 1000) < 1000 * share
    return np.where(shares, world.portfolio.holders.household[holder], holder)


def _ring_or_own(world: World, own: IntArray, pool: int, rng: np.random.Generator) -> IntArray:
    common = len(world.portfolio.holders.age) + world.losses.ring * pool + rng.integers(0, pool, len(own))
    uses = world.staged & happens(rng, world.parameters.ring_sharing, len(own))
    return np.where(uses, common, own)


def _phones(world: World, details: Details, holder: IntArray, rng: np.random.Generator) -> IntArray:
    phone = _ring_or_own(world, _in_household(world, holder, _SHARES_PHONE), PHONES, rng)
    brokers = max(3, round(world.parameters.claims * _BROKERS_PER_CLAIM))
    broker = len(world.portfolio.holders.age) + len(world.rings.members) * PHONES + rng.integers(0, brokers, len(phone))
    calls = (details.channel == CHANNELS.index("broker")) & happens(rng, 0.3, len(phone))
    return np.where(calls, broker, phone)


def _witnesses(world: World, details: Details, rng: np.random.Generator) -> Iterator[_Link]:
    size = len(details.witnesses)
    common = world.losses.ring * WITNESSES + rng.integers(0, WITNESSES, size)
    first_stranger = len(world.rings.members) * WITNESSES
    for turn in range(2):
        seen = np.flatnonzero(details.witnesses > turn)
        uses = (world.staged & happens(rng, world.parameters.ring_sharing, size))[seen]
        stranger = first_stranger + rng.integers(0, 8 * size, len(seen))
        brought = (common[seen] + turn - world.losses.ring[seen] * WITNESSES) % WITNESSES
        brought += world.losses.ring[seen] * WITNESSES
        yield _Link(Role.WITNESS, seen, np.where(uses, brought, stranger))


def _experts(world: World, role: Role, present: BoolArray, rng: np.random.Generator) -> _Link:
    count = max(6, round(world.parameters.claims * _EXPERTS_PER_CLAIM))
    appears = np.flatnonzero(present)
    usual = one_of(rng, 1 / (1.0 + np.arange(count)), len(appears))
    own = rng.integers(count // 2, count, max(1, len(world.rings.members)))
    uses = (world.staged & happens(rng, world.parameters.ring_sharing, len(present)))[appears]
    return _Link(role, appears, np.where(uses, own[world.losses.ring[appears]], usual))


def _named(link: _Link) -> Texts:
    match link.role:
        case Role.POLICYHOLDER:
            return holder_names(link.party)
        case Role.GARAGE:
            return numbered("G", scrambled(link.party, 5, salt=71), 5)
        case Role.PHONE:
            return numbered("+999", scrambled(link.party, 9, salt=1_009), 9)
        case Role.IBAN:
            return numbered("XX00", scrambled(link.party, 9, salt=20_011), 20)
        case Role.ADDRESS:
            return numbered("Nowhere Street ", scrambled(link.party, 9, salt=300_007), 9)
        case _:
            return numbered(link.role.value[0].upper(), scrambled(link.party, 9, salt=4_000_037), 9)
