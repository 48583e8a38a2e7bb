"""Grows groups of households from seeds, as long as they become more surprising. Refuses to name anybody.

Seed and extend, as BLAST does with sequences (Altschul et al. 1990): a household joins, or leaves, while
chance explains less and less how closely the group is tied and how close together its claims were
reported. A hub brings nobody in, but claims that come with the same hubs are the more surprising.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from perito.rings.chance import Chance
from perito.rings.surprise import log_or_smallest, time_p_value

Members = frozenset[int]
Met = dict[int, tuple[int, ...]]
"""Party to the members of a group that name it, in order."""


@dataclass(frozen=True)
class Network:
    """Households and the parties they share, by number.

    `parties` of each household, hubs included; `households` of each party that may tie them, which no
    hub may; `busy`: how many households a party has, hubs included; `slots`: how many parties a
    household names in all, unshared ones included; `identifiers`: the parties that are one; `claims`
    of each household and party, by number in the order of report; `moments` of each claim: the
    shares of the book reported before and up to its instant. Without a calendar there are none.
    """

    parties: Mapping[int, tuple[int, ...]]
    households: Mapping[int, tuple[int, ...]]
    busy: Mapping[int, int]
    slots: Mapping[int, int]
    identifiers: frozenset[int]
    claims: Mapping[tuple[int, int], tuple[int, ...]]
    moments: Mapping[int, tuple[float, float]]


@dataclass(frozen=True)
class Group:
    """Households, the claims that tie them, and how little chance explains it.

    `log_expected`: natural log of how many groups tied at least so closely chance would make;
    `log_time`: that of the chance that as many claims are reported as close together, None where
    time is no evidence.
    """

    members: Members
    claims: frozenset[int]
    log_expected: float
    log_time: float | None

    @property
    def log_both(self) -> float:
        """Ties and time together, independent as they are by chance: lower is more surprising."""
        return self.log_expected + (self.log_time or 0.0)

    @property
    def order(self) -> tuple[float, list[int]]:
        """The most surprising first; of equal ones, always the same."""
        return self.log_both, sorted(self.members)


def grow_groups(network: Network, chance: Chance, seeds: Iterable[Members]) -> list[Group]:
    """Groups that share no household: every seed is grown as if alone, and the most surprising growths are kept.

    A seed whose growth meets a better group is grown anew beside it, unless that group has some of the seed.
    """
    growth = _Growth(network, chance)
    taken: Members = frozenset()
    groups = []
    for group, seed in sorted(_grown_alone(growth, seeds), key=lambda one: one[0].order):
        if not seed & taken:
            kept = growth.grow(seed, taken) if group.members & taken else group
            groups.append(kept)
            taken |= kept.members
    return groups


def _grown_alone(growth: "_Growth", seeds: Iterable[Members]) -> Iterator[tuple[Group, Members]]:
    """Each seed with what it grows into, the most surprising seed first, without seeds inside of earlier growths."""
    grown_with: dict[int, set[int]] = {}
    for number, seed in enumerate(sorted((growth.judge(those) for those in set(seeds)), key=lambda one: one.order)):
        if not set.intersection(*(grown_with.get(one, set()) for one in seed.members)):
            group = growth.grow(seed.members)
            for one in group.members | seed.members:
                grown_with.setdefault(one, set()).add(number)
            yield group, seed.members


def neighbours(network: Network, limit: int) -> Iterator[Members]:
    """Pairs of households whose claims follow each other among those that name a party of at most `limit`."""
    for party, households in network.households.items():
        if len(households) <= limit:
            claims = sorted((claim, one) for one in households for claim in network.claims[one, party])
            yield from (frozenset((one, other)) for (_, one), (_, other) in pairwise(claims) if one != other)


def meetings(network: Network, members: Members) -> Met:
    """The parties that two or more of the members share, and who of them does."""
    return {party: met for party, met in _met(network, members).items() if len(met) > 1}


@dataclass(frozen=True)
class _Growth:
    """Growth in one network; what was judged once is remembered, for many seeds grow into one group."""

    network: Network
    chance: Chance
    judged: dict[Members, Group] = field(default_factory=dict)
    better: dict[Members, Members] = field(default_factory=dict)

    def grow(self, seed: Members, taken: Members = frozenset()) -> Group:
        members = seed
        while (more := self._step(members, taken)) != members:
            members = more
        return self.judge(members)

    def _step(self, members: Members, taken: Members) -> Members:
        if taken:
            return self._best(members, taken)
        if members not in self.better:
            self.better[members] = self._best(members, taken)
        return self.better[members]

    def _best(self, members: Members, taken: Members) -> Members:
        now = self.judge(members)
        best = min((self.judge(those) for those in self._around(members, taken)), key=lambda g: g.order, default=now)
        return best.members if best.log_both < now.log_both else members

    def _around(self, members: Members, taken: Members) -> Iterator[Members]:
        households, parties = self.network.households, self.network.parties
        around = {other for one in members for party in parties[one] for other in households.get(party, ())}
        yield from (members | {other} for other in around - members - taken)
        if len(members) > 2:
            yield from (members - {one} for one in members)

    def judge(self, members: Members) -> Group:
        if members not in self.judged:
            self.judged[members] = _weigh(self.network, self.chance, members)
        return self.judged[members]


def _weigh(network: Network, chance: Chance, members: Members) -> Group:
    shared = meetings(network, members)
    claims = frozenset(
        claim
        for party, met in shared.items()
        if party in network.households
        for one in met
        for claim in network.claims[one, party]
    )
    slots = sum(network.slots[one] for one in members)
    expected = chance.log_expected(len(members), slots, _counted(network, shared, claims))
    # What brings all of them together, an accident or an account that serves an office, brings their
    # claims together too: time counts where different households are tied by different parties.
    tied = {met for party, met in shared.items() if party in network.households}
    return Group(members, claims, expected, _log_time(network, claims) if len(tied) > 1 else None)


def _counted(network: Network, shared: Met, claims: frozenset[int]) -> list[tuple[int, int]]:
    # Who shares one identifier naturally shares others: those that tie the same households count
    # once, as the one that the fewest others have. A hub counts where the tied claims name it:
    # neighbours use the same garages all their lives.
    identifiers: dict[Members, int] = {}
    counted = []
    for party, met in shared.items():
        busy = network.busy[party]
        tied = frozenset(met)
        if party not in network.households:
            tied = frozenset(one for one in met if not claims.isdisjoint(network.claims[one, party]))
        if len(tied) > 1 and party in network.identifiers:
            identifiers[tied] = min(busy, identifiers.get(tied, busy))
        elif len(tied) > 1:
            counted.append((busy, len(tied)))
    return counted + [(busy, len(tied)) for tied, busy in identifiers.items()]


def _log_time(network: Network, claims: frozenset[int]) -> float | None:
    if not network.moments:
        return None
    moments = [network.moments[claim] for claim in claims]
    width = max(until for _, until in moments) - min(since for since, _ in moments)
    return log_or_smallest(time_p_value(len(moments), width))


def _met(network: Network, members: Members) -> Met:
    met: Met = {}
    for one in sorted(members):
        for party in network.parties[one]:
            met[party] = (*met.get(party, ()), one)
    return met
