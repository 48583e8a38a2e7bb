"""Books of unconnected claims, to which a test adds what it is about."""

from dataclasses import replace

from perito.domain.facts import Claim, Disposition, Party, Policy
from perito.domain.words import Outcome, Role
from tests.books import Rows, claim, instant

STRANGERS = 200
STAGED: dict[str, dict[Role, str]] = {
    "a": {Role.IBAN: "account 1", Role.PHONE: "phone 1", Role.WITNESS: "witness 1"},
    "b": {Role.IBAN: "account 1", Role.PHONE: "phone 2", Role.WITNESS: "witness 1"},
    "c": {Role.IBAN: "account 2", Role.PHONE: "phone 1", Role.ADDRESS: "house 1"},
    "d": {Role.IBAN: "account 2", Role.PHONE: "phone 2", Role.ADDRESS: "house 2"},
    "e": {Role.IBAN: "account 1", Role.ADDRESS: "house 1", Role.WITNESS: "witness 2"},
    "f": {Role.IBAN: "account 2", Role.ADDRESS: "house 2", Role.WITNESS: "witness 2"},
}
"""Policyholders of a ring: what each names, beside an address of their own."""


def named(claim_id: str, holder: str, shares: dict[Role, str], *, on: int) -> Rows:
    """One claim of one policyholder, who has an address, a phone and an account unless `shares` says which."""
    own = {role: f"{role} of {holder}" for role in (Role.ADDRESS, Role.PHONE, Role.IBAN)}
    parties = tuple(Party(claim_id, role, party_id) for role, party_id in (own | shares).items())
    return Rows(
        (claim(claim_id, on, policy_id=f"policy of {holder}"),), (Policy(f"policy of {holder}", holder),), parties
    )


def strangers(count: int = STRANGERS, **shares: str) -> Rows:
    """Claims of as many policyholders, who have nothing in common but what all of them share."""
    roles = {Role(role): party_id for role, party_id in shares.items()}
    return together(*(named(f"s{number:03d}", f"stranger {number}", roles, on=2 * number) for number in range(count)))


def couples(count: int) -> Rows:
    """Claims of as many pairs of policyholders, each pair with one phone: a book where sharing one thing is usual."""
    return together(
        *(
            named(
                f"p{pair:03d}-{one}", f"{one} of pair {pair}", {Role.PHONE: f"phone of pair {pair}"}, on=3 * pair + one
            )
            for pair in range(count)
            for one in (0, 1)
        )
    )


def staged(*, first: int = 150, **shares: str) -> Rows:
    """The six claims of a ring, reported on six days in a row; all of them share `shares` too."""
    roles = {Role(role): party_id for role, party_id in shares.items()}
    return together(
        *(named(f"r-{who}", f"member {who}", STAGED[who] | roles, on=first + turn) for turn, who in enumerate(STAGED))
    )


def together(*parts: Rows) -> Rows:
    """All rows in one book; a policy of several claims is kept once."""
    policies = {policy.policy_id: policy for part in parts for policy in part.policies}
    return Rows(
        tuple(one for part in parts for one in part.claims),
        tuple(policies.values()),
        tuple(one for part in parts for one in part.parties),
        tuple(one for part in parts for one in part.dispositions),
    )


def decided(claim_id: str, on: int, outcome: Outcome = Outcome.SUBSTANTIATED) -> Rows:
    """One decision about a claim."""
    return Rows((), dispositions=(Disposition(claim_id, outcome, instant(on)),))


def other_way_round(rows: Rows) -> Rows:
    """The same rows, each table from its last row to its first."""
    return Rows(*(tuple(reversed(table)) for table in vars(rows).values()))


def paid(rows: Rows, amount: float | None, currency: str | None = "EUR") -> Rows:
    """The same book with another amount on every claim."""
    claims: tuple[Claim, ...] = tuple(replace(one, claimed_amount=amount, currency=currency) for one in rows.claims)
    return replace(rows, claims=claims)
