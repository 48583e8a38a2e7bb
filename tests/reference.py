"""The features once more, slowly and obviously, in plain Python over plain values.

Nothing is shared with the SQL but the names. One claim is computed at a time, by looking at every
other claim of the book. It proves the catalogue right; it is never used for work.
"""

from datetime import date, timedelta

from perito.domain.facts import Claim, Policy
from perito.domain.words import IDENTIFIER_ROLES, Outcome, Role
from tests.books import Rows

Value = float | str | None
HUB = 200
FOLLOWED = 50
FURTHER = 10
PRIOR = 2
BUSINESSES = ("garage", "broker", "lawyer", "physician", "provider")
PERSONS = ("policyholder", "claimant", "driver", "witness")


class Reference:
    """Everything one may know about the claims of `rows`, each assessed on its own day or all on `as_of`."""

    def __init__(self, rows: Rows, as_of: date | None = None) -> None:
        self.rows = rows
        self.as_of = as_of
        self.claims = {c.claim_id: c for c in rows.claims}
        self.policies = {p.policy_id: p for p in rows.policies}

    def assessed(self, claim: Claim) -> date:
        """The day on which the claim is assessed; only earlier days may be known."""
        return self.as_of or claim.reported_at.date()

    def policy(self, claim: Claim) -> Policy | None:
        """The claim's policy, if the book has it."""
        return self.policies.get(claim.policy_id or "")

    def policyholder(self, claim: Claim) -> str | None:
        """Who holds the policy: as the policy says, else the claim's party of that role."""
        policy = self.policy(claim)
        if policy and policy.policyholder_id:
            return policy.policyholder_id
        named = [p.party_id for p in self.rows.parties if p.claim_id == claim.claim_id and p.role == Role.POLICYHOLDER]
        return min(named, default=None)

    def others(self, claim: Claim, subject: str, party: str) -> list[Claim]:
        """Other claims of the party that had been reported before the claim was assessed."""
        before = self.assessed(claim)
        return [
            other
            for other in self.rows.claims
            if other.claim_id != claim.claim_id
            and other.reported_at.date() < before
            and party in self.parties_of(other).get(subject, ())
        ]

    def related(self, claim: Claim, subject: str, party: str) -> list[Claim]:
        """Other claims of the party, whenever reported: decisions about them have days of their own."""
        return [
            other
            for other in self.rows.claims
            if other.claim_id != claim.claim_id and party in self.parties_of(other).get(subject, ())
        ]

    def parties_of(self, claim: Claim) -> dict[str, set[str]]:
        """Subject to parties: roles, the policy and the line of business."""
        found: dict[str, set[str]] = {}
        for party in self.rows.parties:
            if party.claim_id == claim.claim_id:
                found.setdefault(party.role, set()).add(party.party_id)
        if claim.policy_id:
            found["policy"] = {claim.policy_id}
        if claim.line_of_business:
            found["line"] = {claim.line_of_business}
        return found

    def outcome(self, other: Claim, before: date) -> Outcome | None:
        """The latest decision about `other` that was known before the day `before`."""
        known = [d for d in self.rows.dispositions if d.claim_id == other.claim_id and d.known_at.date() < before]
        return max(known, key=lambda d: (d.known_at, d.outcome)).outcome if known else None

    def count_outcomes(self, claim: Claim, subject: str, party: str, outcome: Outcome) -> int:
        """How many of the party's other claims had that outcome, as known at the assessment."""
        before = self.assessed(claim)
        return sum(self.outcome(other, before) == outcome for other in self.related(claim, subject, party))

    def within(self, claim: Claim, subject: str, party: str, days: int) -> list[Claim]:
        """Of the party's other earlier claims, those reported at most `days` days before the assessment."""
        first = self.assessed(claim) - timedelta(days=days)
        return [other for other in self.others(claim, subject, party) if other.reported_at.date() >= first]

    def features(self, claim: Claim) -> dict[str, Value]:
        """Every feature of the catalogue for one claim."""
        return {
            **self._of_claim(claim),
            **self._of_policy(claim),
            **self._of_parties(claim),
            **self._of_network(claim),
            **self.neighbourhood(claim),
        }

    def _of_claim(self, claim: Claim) -> dict[str, Value]:
        amount, loss = claim.claimed_amount, claim.loss_date
        usual = [
            other.claimed_amount
            for line in self.parties_of(claim).get("line", ())
            for other in self.within(claim, "line", line, 365)
            if other.claimed_amount is not None
        ]
        ratio = None
        if amount is not None and len(usual) >= 10 and sum(usual) > 0:
            ratio = amount / (sum(usual) / len(usual))
        licensed = claim.attributes["licensed"]
        return {
            "claimed_amount": amount,
            "claimed_amount_is_round": float(amount % 100 == 0) if amount else None,
            "report_delay_days": (claim.reported_at.date() - loss).days if loss else None,
            "loss_on_weekend": float(loss.weekday() >= 5) if loss else None,
            "line_claimed_ratio_1y": ratio,
            "witnesses": claim.attributes["witnesses"],
            "cause": claim.attributes["cause"],
            "licensed_days": (claim.reported_at.date() - licensed).days if isinstance(licensed, date) else None,
        }

    def _of_policy(self, claim: Claim) -> dict[str, Value]:
        policy = self.policy(claim)
        loss = claim.loss_date or claim.reported_at.date()
        amount = claim.claimed_amount
        begun = policy.inception_date if policy else None
        ends = policy.expiry_date if policy else None
        coverage, premium = (policy.coverage_amount, policy.premium_amount) if policy else (None, None)
        return {
            "policy_age_days": (loss - begun).days if begun else None,
            "policy_days_to_expiry": (ends - loss).days if ends else None,
            "policy_premium_amount": premium,
            "policy_coverage_amount": coverage,
            "policy_deductible_amount": policy.deductible_amount if policy else None,
            "policy_claimed_to_coverage_ratio": amount / coverage if amount is not None and coverage else None,
            "policy_claimed_to_premium_ratio": amount / premium if amount is not None and premium else None,
            "policy_loss_before_inception": float(loss < begun) if begun else None,
            "policy_claims_1y": self._highest(claim, "policy", lambda p: len(self.within(claim, "policy", p, 365))),
        }

    def _of_parties(self, claim: Claim) -> dict[str, Value]:
        return {name: value for role in Role for name, value in self._of_role(claim, role).items()}

    def _of_role(self, claim: Claim, role: Role) -> dict[str, Value]:
        measures = {
            "claims_1y": lambda p: len(self.within(claim, role, p, 365)),
            "substantiated": lambda p: self.count_outcomes(claim, role, p, Outcome.SUBSTANTIATED),
        }
        if role in BUSINESSES or role in PERSONS:
            measures["claims_90d"] = lambda p: len(self.within(claim, role, p, 90))
        if role in BUSINESSES:
            measures["amount_mean_1y"] = lambda p: self._mean_amount(claim, role, p)
            measures["substantiated_ratio"] = lambda p: self._ratio(claim, role, p)
        if role in IDENTIFIER_ROLES:
            measures["policyholders"] = lambda p: self._other_holders(claim, role, p)
        return {f"{role}_{name}": self._highest(claim, role, measure) for name, measure in measures.items()}

    def _of_network(self, claim: Claim) -> dict[str, Value]:
        links = [(s, p) for s, parties in self.parties_of(claim).items() if s in list(Role) for p in parties]
        near = [(s, p) for s, p in links if len(self.others(claim, s, p)) <= HUB]
        yes = [self.count_outcomes(claim, s, p, Outcome.SUBSTANTIATED) for s, p in near]
        no = [self.count_outcomes(claim, s, p, Outcome.NOT_SUBSTANTIATED) for s, p in near]
        weights = [
            self.count_outcomes(claim, s, p, Outcome.SUBSTANTIATED) / len(self.others(claim, s, p))
            for s, p in links
            if self.others(claim, s, p)
        ]
        return {
            "parties_count": float(len(links)),
            "shared_parties_count": float(sum(bool(self.others(claim, s, p)) for s, p in near)),
            "linked_claims_1y": float(sum(len(self.within(claim, s, p, 365)) for s, p in near)) if near else None,
            "linked_substantiated": float(sum(yes)) if near else None,
            "linked_substantiated_ratio": sum(yes) / (sum(yes) + sum(no)) if sum(yes) + sum(no) else None,
            "linked_substantiated_weight": sum(weights) if weights else None,
        }

    def named(self, claim: Claim) -> set[tuple[str, str]]:
        """The parties that the claim names, each with its role."""
        return {(s, p) for s, parties in self.parties_of(claim).items() if s in list(Role) for p in parties}

    def neighbours(self, claim: Claim) -> dict[str, int]:
        """Claims that share a party with this one, with how many; a party of too many claims leads nowhere."""
        found: dict[str, int] = {}
        for subject, party in self.named(claim):
            others = self.others(claim, subject, party)
            if len(others) <= FOLLOWED:
                for other in others:
                    found[other.claim_id] = found.get(other.claim_id, 0) + 1
        return found

    def further(self, claim: Claim, neighbour: Claim) -> list[Claim]:
        """Where the neighbour's own parties lead, once for each such party; none of them is on the claim itself."""
        before = self.assessed(claim)
        found: list[Claim] = []
        for subject, party in self.named(neighbour) - self.named(claim):
            related = self.related(neighbour, subject, party)
            if sum(other.reported_at.date() < before for other in related) <= FURTHER:
                found += related
        return found

    def lift(self, claim: Claim, among: list[Claim]) -> float | None:
        """How many times as often as in the whole book the claims among these were substantiated."""
        before = self.assessed(claim)

        def counts(claims: list[Claim]) -> tuple[int, int]:
            known = [self.outcome(other, before) for other in claims]
            return known.count(Outcome.SUBSTANTIATED), known.count(Outcome.NOT_SUBSTANTIATED)

        yes, no = counts(among)
        book_yes, book_no = counts([other for other in self.rows.claims if other.claim_id != claim.claim_id])
        if not yes + no or not book_yes:
            return None
        usual = book_yes / (book_yes + book_no)
        return (yes + PRIOR * usual) / (yes + no + PRIOR) / usual

    def neighbourhood(self, claim: Claim) -> dict[str, Value]:
        """The features over the claims one and two steps away."""
        shared = self.neighbours(claim)
        near = [self.claims[claim_id] for claim_id in shared]
        own = self.policyholder(claim)
        strangers = {c.claim_id: self.policyholder(c) for c in near if own and self.policyholder(c) not in (None, own)}
        return {
            "linked_claims": float(len(near)),
            "linked_policyholders": float(len(set(strangers.values()))),
            "linked_twice": float(sum(shared[claim_id] >= 2 for claim_id in strangers)),
            "linked_substantiated_lift": self.lift(claim, near),
            "further_substantiated_lift": self.lift(claim, [k for j in near for k in self.further(claim, j)]),
        }

    def _highest(self, claim: Claim, subject: str, value) -> Value:
        values = [value(party) for party in self.parties_of(claim).get(subject, ())]
        known = [float(v) for v in values if v is not None]
        return max(known, default=None)

    def _mean_amount(self, claim: Claim, role: str, party: str) -> float | None:
        amounts = [o.claimed_amount for o in self.within(claim, role, party, 365) if o.claimed_amount is not None]
        return sum(amounts) / len(amounts) if amounts else None

    def _ratio(self, claim: Claim, role: str, party: str) -> float | None:
        yes = self.count_outcomes(claim, role, party, Outcome.SUBSTANTIATED)
        no = self.count_outcomes(claim, role, party, Outcome.NOT_SUBSTANTIATED)
        return yes / (yes + no) if yes + no else None

    def _other_holders(self, claim: Claim, role: str, party: str) -> int | None:
        own = self.policyholder(claim)
        if own is None:
            return None
        return len({self.policyholder(other) for other in self.others(claim, role, party)} - {own, None})
