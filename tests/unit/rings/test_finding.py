"""Which groups of claims are listed as rings, and which are not."""

from datetime import datetime

import pytest

from perito.domain.words import Outcome, Role
from perito.engine import Engine
from perito.rings import Ring, find_rings
from tests.books import Rows, instant, load_book
from tests.unit.rings.ringed import STAGED, couples, decided, named, other_way_round, paid, staged, strangers, together

RING = {f"r-{who}" for who in "abcdef"}


def found(rows: Rows, *, as_of: datetime | None = None, assessed_at: str = "reported_at") -> tuple[Ring, ...]:
    with Engine() as engine:
        return find_rings(load_book(engine, rows, assessed_at=assessed_at), as_of=as_of)


def test_a_planted_ring_is_found_and_nobody_else() -> None:
    [ring] = found(together(strangers(), staged()))
    assert set(ring.claim_ids) == RING
    assert ring.policyholders == 6
    assert ring.score > 3


def test_strangers_are_no_ring() -> None:
    assert found(strangers()) == ()


def test_a_book_without_parties_or_without_claims_has_no_rings() -> None:
    assert found(Rows(strangers(20).claims)) == ()
    assert found(Rows(())) == ()


def test_a_household_with_one_address_phone_and_account_is_no_ring() -> None:
    home = {Role.ADDRESS: "home", Role.PHONE: "their phone", Role.IBAN: "their account"}
    household = [named(f"h-{who}", f"relative {who}", home, on=30 + turn) for turn, who in enumerate("abcde")]
    assert found(together(strangers(), *household)) == ()


def test_relatives_who_share_some_of_it_are_no_ring() -> None:
    home = {Role.ADDRESS: "home"}
    some = ({Role.PHONE: "their phone"}, {Role.PHONE: "their phone", Role.IBAN: "account"}, {Role.IBAN: "account"}, {})
    household = [named(f"h-{number}", f"relative {number}", home | what, on=30) for number, what in enumerate(some)]
    assert found(together(strangers(), *household)) == ()


def test_one_policyholder_who_claims_again_and_again_is_no_ring() -> None:
    again = [named(f"a-{turn}", "one", {Role.WITNESS: "a friend"}, on=30 + turn) for turn in range(8)]
    assert found(together(strangers(), *again)) == ()


def test_two_policyholders_are_no_ring_however_much_they_share() -> None:
    shared = dict.fromkeys((Role.PHONE, Role.IBAN, Role.WITNESS, Role.DRIVER, Role.LAWYER), "shared")
    pair = [named(f"p-{turn}", f"one of two {turn % 2}", shared, on=30 + turn) for turn in range(6)]
    assert found(together(strangers(), *pair)) == ()


def test_a_garage_of_everybody_joins_nobody() -> None:
    everybody = together(strangers(garage="the large one"), staged(garage="the large one"))
    assert [set(ring.claim_ids) for ring in found(everybody)] == [RING]
    assert found(strangers(garage="the large one")) == ()


def test_neighbours_of_small_garages_and_physicians_are_no_ring() -> None:
    village = [
        named(
            f"v-{turn}",
            f"villager {turn}",
            {Role.GARAGE: f"garage {turn % 2}", Role.PHYSICIAN: f"physician {turn % 3}"},
            on=9 * turn,
        )
        for turn in range(8)
    ]
    assert found(together(strangers(), *village)) == ()


def test_a_garage_corroborates_what_a_shared_account_ties() -> None:
    [plain] = found(together(strangers(), staged()))
    [at_one_garage] = found(together(strangers(), staged(garage="a small one")))
    assert at_one_garage.score > plain.score


def test_the_phone_of_a_broker_joins_nobody() -> None:
    brokered = [named(f"b-{turn}", f"client {turn}", {Role.PHONE: "broker"}, on=turn) for turn in range(30)]
    assert found(together(strangers(), *brokered)) == ()
    assert [set(ring.claim_ids) for ring in found(together(strangers(), staged(), *brokered))] == [RING]


def test_a_hub_that_a_ring_uses_is_told_with_its_size() -> None:
    [ring] = found(together(strangers(60, garage="the large one"), strangers(140), staged(garage="the large one")))
    [garage] = [party for party in ring.shared if party.role == Role.GARAGE]
    assert (garage.claims, garage.policyholders) == (6, 6)
    assert garage.claims_in_book > garage.claims


def test_two_rings_are_told_apart() -> None:
    other = staged(first=300)
    renamed = Rows(
        *(
            tuple(
                type(row)(**{name: f"x {value}" if name in IDS else value for name, value in vars(row).items()})
                for row in table
            )
            for table in vars(other).values()
        )
    )
    rings = found(together(strangers(), staged(), renamed))
    assert sorted(sorted(ring.claim_ids) for ring in rings) == [sorted(RING), sorted(f"x {one}" for one in RING)]


IDS = {"claim_id", "policy_id", "policyholder_id", "party_id"}


def test_what_becomes_known_later_changes_nothing() -> None:
    before = together(
        strangers(), staged(first=150), decided("r-a", 155), decided("s001", 9, Outcome.NOT_SUBSTANTIATED)
    )
    later = together(
        decided("r-b", 161),
        decided("r-a", 170, Outcome.NOT_SUBSTANTIATED),
        named("r-g", "member g", {Role.IBAN: "account 1", Role.PHONE: "phone 2"}, on=165),
    )
    known = found(Rows(*_reported_before(before, 160)), as_of=instant(160))
    assert found(together(before, later), as_of=instant(160)) == known
    assert found(together(before, later)) != known


def test_as_of_is_strict() -> None:
    book = together(strangers(), staged(first=150))
    [ring] = found(book, as_of=instant(155))
    assert "r-f" not in ring.claim_ids, "reported at that very instant"


def _reported_before(rows: Rows, on: int) -> tuple[tuple[object, ...], ...]:
    claims = tuple(one for one in rows.claims if one.reported_at < instant(on))
    known = {one.claim_id for one in claims}
    return claims, rows.policies, tuple(one for one in rows.parties if one.claim_id in known), rows.dispositions


def test_the_order_of_the_rows_is_irrelevant() -> None:
    book = together(strangers(), staged(), decided("r-a", 160), decided("s003", 20, Outcome.NOT_SUBSTANTIATED))
    assert found(other_way_round(book)) == found(book)


def test_every_claim_has_a_path_of_parties_that_others_of_the_ring_name() -> None:
    [ring] = found(together(strangers(), staged()))
    shared = {(party.role, party.party_id): party.claims for party in ring.shared}
    assert all(path.parties for path in ring.claims)
    assert all(shared[party] > 1 for path in ring.claims for party in path.parties)


def test_outcomes_are_counted_as_known_and_unknown_is_not_zero() -> None:
    outcomes = together(
        decided("r-a", 160),
        decided("r-b", 160),
        decided("r-c", 160, Outcome.NOT_SUBSTANTIATED),
        decided("r-d", 160, Outcome.INCONCLUSIVE),
        *(decided(f"s{number:03d}", 450, Outcome.NOT_SUBSTANTIATED) for number in range(20)),
    )
    [ring] = found(together(strangers(), staged(), outcomes))
    assert (ring.substantiated, ring.not_substantiated, ring.unknown) == (2, 1, 3)
    [account] = [party for party in ring.shared if party.party_id == "account 1"]
    assert (account.claims, account.substantiated, account.not_substantiated) == (3, 2, 0)


def test_substantiated_claims_raise_the_score() -> None:
    plain = together(strangers(), staged(), *(decided(f"s{n:03d}", 450, Outcome.NOT_SUBSTANTIATED) for n in range(50)))
    [without] = found(plain)
    [confirmed] = found(together(plain, *(decided(claim_id, 200) for claim_id in sorted(RING))))
    [denied] = found(together(plain, *(decided(claim_id, 200, Outcome.NOT_SUBSTANTIATED) for claim_id in sorted(RING))))
    assert confirmed.score > without.score >= denied.score


def test_one_account_is_a_ring_only_where_outcomes_say_so() -> None:
    users = [named(f"u-{turn}", f"user {turn}", {Role.IBAN: "one account"}, on=50 * turn) for turn in range(7)]
    honest = [decided(f"s{number:03d}", 450, Outcome.NOT_SUBSTANTIATED) for number in range(150)]
    book = together(strangers(), *users, *honest)
    assert found(book) == ()
    [ring] = found(together(book, *(decided(f"u-{turn}", 400) for turn in range(7))))
    assert set(ring.claim_ids) == {f"u-{turn}" for turn in range(7)}


def test_claims_close_in_time_are_the_more_surprising_where_the_book_knows_a_calendar() -> None:
    book = together(strangers(), staged())
    [close] = found(book)
    [timeless] = found(book, assessed_at="end_of_book")
    assert timeless.evidence.time_p_value == 1
    assert close.score > timeless.score


CHAIN: tuple[dict[Role, str], ...] = (
    {Role.IBAN: "account 1"},
    {Role.IBAN: "account 1", Role.PHONE: "phone 1"},
    {Role.PHONE: "phone 1", Role.ADDRESS: "house 1"},
    {Role.ADDRESS: "house 1", Role.WITNESS: "witness 1"},
    {Role.WITNESS: "witness 1", Role.DRIVER: "driver 1"},
    {Role.DRIVER: "driver 1"},
)
"""What six policyholders share, no two of them two things, no three each with each."""


def chained(*days: int) -> Rows:
    shares = zip(CHAIN, days, strict=True)
    return together(*(named(f"c-{n}", f"link {n}", what, on=on) for n, (what, on) in enumerate(shares)))


def test_a_chain_of_single_ties_is_a_ring_where_its_claims_are_close_in_time() -> None:
    usual = together(strangers(700), couples(100))
    [ring] = found(together(usual, chained(150, 151, 152, 153, 154, 155)))
    assert set(ring.claim_ids) == {f"c-{n}" for n in range(len(CHAIN))}
    assert found(together(usual, chained(10, 120, 230, 340, 450, 560))) == ()


def test_claims_of_one_accident_with_one_witness_are_no_ring() -> None:
    accident = [named(f"x-{who}", f"driver {who}", {Role.WITNESS: "a passer-by"}, on=30) for who in "abcd"]
    assert found(together(strangers(700), couples(100), *accident)) == ()


def test_who_was_at_the_same_garages_on_other_occasions_is_not_tied_the_closer() -> None:
    def book(other_garages: tuple[str, ...]) -> Rows:
        other = [
            named(f"o-{who}-{garage}", f"member {who}", {Role.GARAGE: garage}, on=5 * turn)
            for turn, garage in enumerate(other_garages)
            for who in "abcdef"
        ]
        return together(strangers(60, garage="garage 1"), strangers(), staged(), *other)

    [at_one_garage], [at_none] = found(book(("garage 1", "garage 2"))), found(book(("a", "b")))
    assert set(at_one_garage.claim_ids) == RING
    assert at_one_garage.score == pytest.approx(at_none.score, abs=1)


def test_claims_of_one_day_are_as_close_as_days_can_tell() -> None:
    same_day = together(*(named(f"r-{who}", f"member {who}", what, on=150) for who, what in STAGED.items()))
    [ring] = found(together(strangers(), same_day))
    assert ring.evidence.time_p_value == pytest.approx(6 * (7 / 206) ** 5 - 5 * (7 / 206) ** 6)


def test_groups_that_begin_apart_in_one_ring_become_one() -> None:
    halves = ("b", "e", "d", "f", "a", "c")
    book = together(strangers(2000), *(named(f"r-{who}", f"member {who}", STAGED[who], on=150) for who in halves))
    assert [set(ring.claim_ids) for ring in found(book)] == [RING]


@pytest.mark.parametrize(
    ("book", "amount"),
    [
        (together(strangers(), staged()), (6000.0, "EUR")),
        (paid(together(strangers(), staged()), None), (None, None)),
        (together(strangers(), paid(staged(), 10.0, None)), (None, None)),
    ],
)
def test_amounts_are_summed_where_they_are_known_in_one_currency(
    book: Rows, amount: tuple[float | None, str | None]
) -> None:
    [ring] = found(book)
    assert (ring.claimed_amount, ring.currency) == amount


def test_a_ring_keeps_its_id_while_its_claims_stay_the_same() -> None:
    [ring] = found(together(strangers(), staged()))
    [later] = found(together(strangers(150), staged(), decided("r-a", 300)))
    assert ring.ring_id == later.ring_id
    [smaller] = found(together(strangers(), staged()), as_of=instant(155))
    assert smaller.ring_id != ring.ring_id


def test_the_engine_is_left_as_found() -> None:
    with Engine() as engine:
        find_rings(load_book(engine, together(strangers(), staged())))
        tables = engine.run_native("SHOW TABLES")["name"].to_pylist()
    assert sorted(tables) == ["claims", "dispositions", "parties", "policies"]
