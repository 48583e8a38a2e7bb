"""Grows groups of households from seeds, as long as they become more surprising. Refuses to name anybody.

Seed and extend, as BLAST does with sequences (Altschul et al. 1990): a seed is a pair tied twice or a
triangle; a household joins, or leaves, while chance explains the group less and less. A hub brings
nobody in, but households that come with the same hubs are the more surprising.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from perito.rings.chance import Chance

Members = frozenset[int]
Met = dict[int, tuple[int, ...]]
"""Party to the members of a group that name it, in order."""


@dataclass(frozen=True)
class Network:
    """Households and the parties they share, by number.

    `parties` of each household, hubs included; `households` of each party that may tie them, which no
    hub may; `busy`: how many households a party has, hubs included; `slots`: how many parties a
    household names in all, unshared ones included; `identifiers`: the parties that are one.
    """

    parties: Mapping[int, tuple[int, ...]]
    households: Mapping[int, tuple[int, ...]]
    busy: Mapping[int, int]
    slots: Mapping[int, int]
    identifiers: frozenset[int]


@dataclass(frozen=True)
class Group:
    """Households that are tied, and the natural log of how many such groups chance would make."""

    members: Members
    log_expected: float


def grow_groups(network: Network, chance: Chance, seeds: Iterable[Members]) -> list[Group]:
    """Groups that share no household, grown from the most surprising seed to the least."""
    taken: Members = frozenset()
    groups = []
    for seed in sorted((_judge(network, chance, seed) for seed in seeds), key=_order):
        if not seed.members & taken:
            group = _grow(network, chance, seed, taken)
            groups.append(group)
            taken |= group.members
    return groups


def meetings(network: Network, members: Members) -> Met:
    """The parties that two or more of the members share, and who of them does."""
    return {party: met for party, met in _met(network, members).items() if len(met) > 1}


def _order(group: Group) -> tuple[float, list[int]]:
    return group.log_expected, sorted(group.members)


def _grow(network: Network, chance: Chance, group: Group, taken: Members) -> Group:
    while True:
        best = min(_one_step(network, chance, group.members, taken), key=_order, default=group)
        if best.log_expected >= group.log_expected:
            return group
        group = best


def _one_step(network: Network, chance: Chance, members: Members, taken: Members) -> Iterator[Group]:
    met = _met(network, members)
    shared = {party: its for party, its in met.items() if len(its) > 1}
    around = {other for party in met for other in network.households.get(party, ())}
    for other in around - members - taken:
        more = {party: (*met[party], other) for party in network.parties[other] if party in met}
        yield _weigh(network, chance, members | {other}, shared | more)
    if len(members) > 2:
        for one in members:
            yield _judge(network, chance, members - {one})


def _judge(network: Network, chance: Chance, members: Members) -> Group:
    return _weigh(network, chance, members, meetings(network, members))


def _weigh(network: Network, chance: Chance, members: Members, shared: Met) -> Group:
    # Who shares one identifier naturally shares others: those that tie the same households count
    # once, as the one that the fewest others have.
    identifiers: dict[Members, int] = {}
    counted = []
    for party, met in shared.items():
        busy = network.busy[party]
        if party in network.identifiers:
            tied = frozenset(met)
            identifiers[tied] = min(busy, identifiers.get(tied, busy))
        else:
            counted.append((busy, len(met)))
    counted += [(busy, len(tied)) for tied, busy in identifiers.items()]
    slots = sum(network.slots[one] for one in members)
    return Group(members, chance.log_expected(len(members), slots, counted))


def _met(network: Network, members: Members) -> Met:
    met: Met = {}
    for one in sorted(members):
        for party in network.parties[one]:
            met[party] = (*met.get(party, ()), one)
    return met
