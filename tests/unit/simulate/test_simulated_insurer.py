from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import ParameterError
from perito.domain.words import Outcome, Role, SelectedBy
from perito.simulate.insurer import SimulatedBook, simulate_insurer
from perito.simulate.parameters import Parameters

CLOSES = datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def book() -> SimulatedBook:
    return simulate_insurer(Parameters.of_size(12_000), seed=7)


@pytest.fixture(scope="module")
def claims(book: SimulatedBook) -> pd.DataFrame:
    """Claims with their policy and the truth, as a test may look at them and training may not."""
    told = book.claims.to_pandas().merge(book.policies.to_pandas(), on="policy_id", how="left", validate="m:1")
    told = told.merge(book.truth.to_pandas(), on="claim_id", how="left", validate="1:1")
    return told.assign(loss_date=pd.to_datetime(told.loss_date), inception_date=pd.to_datetime(told.inception_date))


def tables(book: SimulatedBook) -> tuple[object, ...]:
    return book.claims, book.policies, book.parties, book.dispositions, book.truth


def small_book(*, seed: int = 1, **changed: Any) -> SimulatedBook:
    return simulate_insurer(Parameters(**{"claims": 3_000, "rings": 2, "garages": 20} | changed), seed=seed)


def test_the_same_seed_gives_the_same_tables() -> None:
    assert tables(small_book(seed=3)) == tables(small_book(seed=3))


def test_another_seed_gives_other_claims() -> None:
    assert small_book(seed=3).claims != small_book(seed=4).claims


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ParameterError, match="seed"):
        small_book(seed=-1)


def test_the_book_has_the_claims_that_were_asked_for(book: SimulatedBook) -> None:
    assert book.claims.num_rows == book.truth.num_rows == 12_000
    assert len(set(book.claims["claim_id"].to_pylist())) == 12_000
    assert len(set(book.policies["policy_id"].to_pylist())) == book.policies.num_rows


def test_every_claim_has_one_policy_in_force_at_the_loss(claims: pd.DataFrame) -> None:
    assert claims.policyholder_id.notna().all()
    assert (claims.loss_date >= claims.inception_date).all()
    assert (claims.loss_date < pd.to_datetime(claims.expiry_date)).all()


def test_every_claim_is_reported_after_its_loss_and_before_the_book_closes(claims: pd.DataFrame) -> None:
    hour = pd.to_timedelta(claims.loss_hour.fillna(0), unit="h")
    assert (claims.reported_at > claims.loss_date + hour).all()
    assert claims.reported_at.is_monotonic_increasing
    assert claims.reported_at.max() < CLOSES


def test_no_claim_exceeds_what_its_policy_covers(claims: pd.DataFrame) -> None:
    assert (claims.claimed_amount > 0).all()
    assert (claims.claimed_amount <= claims.coverage_amount).all()


def test_every_disposition_is_known_after_the_report_and_before_the_book_closes(
    book: SimulatedBook, claims: pd.DataFrame
) -> None:
    decided = book.dispositions.to_pandas().merge(claims[["claim_id", "reported_at"]], validate="m:1")
    assert len(decided) == book.dispositions.num_rows > 500
    assert (decided.known_at > decided.reported_at).all()
    assert (decided.known_at < CLOSES).all()


def test_dispositions_that_come_after_the_book_are_kept_by_the_truth_alone(
    book: SimulatedBook, claims: pd.DataFrame
) -> None:
    late = claims[claims.known_at >= CLOSES]
    assert len(late) > 0
    assert not set(late.claim_id) & set(book.dispositions["claim_id"].to_pylist())
    assert len(claims[claims.known_at.notna()]) == len(late) + book.dispositions.num_rows


def test_outcomes_roles_and_selections_are_words_of_the_contract(book: SimulatedBook) -> None:
    assert set(book.dispositions["outcome"].to_pylist()) == set(Outcome)
    assert set(book.dispositions["selected_by"].to_pylist()) == set(SelectedBy)
    assert set(book.parties["role"].to_pylist()) <= set(Role)


def test_only_random_audits_log_their_probability(book: SimulatedBook) -> None:
    decided = book.dispositions.to_pandas()
    audited = decided.selected_by == "random_audit"
    assert (decided.selection_probability[audited] == 0.08 * 0.1).all()
    assert decided.selection_probability[~audited].isna().all()


def test_no_table_tells_the_truth(book: SimulatedBook) -> None:
    shown = {
        name for table in (book.claims, book.policies, book.parties, book.dispositions) for name in table.column_names
    }
    assert not shown & (set(book.truth.column_names) - {"claim_id", "selected_by", "known_at"})
    assert not [name for name in shown if "ring" in name or "kind" in name or "fraud" in name]


def test_dear_claims_are_investigated_more_often(claims: pd.DataFrame) -> None:
    dear = claims.claimed_amount > claims.claimed_amount.quantile(0.9)
    looked = claims.selected_by.notna()
    assert looked.mean() == pytest.approx(0.08, abs=0.002)
    assert looked[dear].mean() > 2 * looked[~dear].mean()


def test_without_bias_and_hunch_amount_does_not_steer_investigations() -> None:
    book = small_book(investigation_bias=0, investigator_hunch=0, investigated_share=0.5)
    amount = book.claims["claimed_amount"].to_numpy()
    looked = np.asarray(book.truth["selected_by"].is_valid())
    dear = amount > np.quantile(amount, 0.8)
    assert looked[dear].mean() == pytest.approx(looked[~dear].mean(), abs=0.08)


def test_investigations_err_at_about_the_stated_rates(claims: pd.DataFrame) -> None:
    conclusive = claims[claims.would_be_outcome != "INCONCLUSIVE"]
    substantiated = conclusive.would_be_outcome == "SUBSTANTIATED"
    assert 1 - substantiated[conclusive.fraud].mean() == pytest.approx(0.15, abs=0.06)
    assert substantiated[~conclusive.fraud].mean() == pytest.approx(0.03, abs=0.01)
    assert (claims.would_be_outcome == "INCONCLUSIVE").mean() == pytest.approx(0.05, abs=0.01)


def test_about_three_in_a_hundred_claims_are_suspicious_in_truth(claims: pd.DataFrame) -> None:
    assert claims.fraud.mean() == pytest.approx(0.03, abs=0.003)
    assert (claims.fraud == (claims.kind != "honest")).all()
    assert (claims.ring_id.notna() == (claims.kind == "ring")).all()


@pytest.mark.parametrize("role", ["phone", "iban", "address"])
def test_ring_claims_share_identifiers_with_other_policyholders_more_than_others_do(
    book: SimulatedBook, claims: pd.DataFrame, role: str
) -> None:
    links = book.parties.to_pandas().query("role == @role").merge(claims[["claim_id", "kind", "policyholder_id"]])
    links["shared_by"] = links.groupby("party_id").policyholder_id.transform("nunique")
    broker = links.groupby("party_id").claim_id.transform("count") > 20
    shared = links[~broker].assign(shared=lambda rows: rows.shared_by > 1).groupby("kind").shared.mean()
    assert shared["ring"] > 2 * shared["honest"] > 0


def test_a_few_garages_repair_many_of_the_cars(book: SimulatedBook) -> None:
    served = book.parties.to_pandas().query("role == 'garage'").party_id.value_counts()
    assert served.head(len(served) // 10 + 1).sum() > 0.25 * served.sum()
    assert served.iloc[0] > 2.5 * served.mean()


def test_every_party_belongs_to_a_claim_and_every_claim_to_its_policyholder(
    book: SimulatedBook, claims: pd.DataFrame
) -> None:
    links = book.parties.to_pandas()
    assert set(links.claim_id) == set(claims.claim_id)
    assert not links.duplicated(["claim_id", "role", "party_id"]).any()
    holder = links[links.role == "policyholder"].merge(claims[["claim_id", "policyholder_id"]], validate="1:1")
    assert (holder.party_id == holder.policyholder_id).all()
    motor = set(claims.claim_id[claims.line_of_business == "motor"])
    assert set(links.claim_id[links.role == "garage"]) == motor


def test_identifiers_are_of_no_real_country(book: SimulatedBook) -> None:
    links = book.parties.to_pandas()
    assert links.party_id[links.role == "phone"].str.fullmatch(r"\+999\d{9}").all()
    assert links.party_id[links.role == "iban"].str.fullmatch(r"XX00\d{20}").all()


def test_a_book_without_rings_has_only_exaggerated_claims() -> None:
    kinds = set(small_book(rings=0).truth["kind"].to_pylist())
    assert kinds == {"honest", "exaggerated"}


def test_amounts_rise_with_inflation() -> None:
    assert median_of_last_year(inflation_per_year=0.5) > 1.5 * median_of_last_year(inflation_per_year=0.0)


def median_of_last_year(**changed: Any) -> float:
    told = small_book(**changed).claims.to_pandas()
    return float(told.claimed_amount[told.reported_at >= "2024-01-01"].median())


def test_losses_peak_in_winter() -> None:
    told = small_book(seasonality=0.8).claims.to_pandas()
    month = told.reported_at.dt.month
    assert month.isin([12, 1, 2]).sum() > 2 * month.isin([6, 7, 8]).sum()


def test_rings_work_in_another_way_in_the_last_year_than_in_the_first() -> None:
    assert newer_causes(drift=1.0, year=2024) > newer_causes(drift=1.0, year=2022) + 0.2
    assert newer_causes(drift=0.0, year=2024) < 0.3


def newer_causes(*, drift: float, year: int) -> float:
    book = simulate_insurer(Parameters(claims=4_000, rings=40, fraud_share=0.2, garages=40, drift=drift), seed=5)
    told = book.claims.to_pandas().merge(book.truth.to_pandas())
    staged = told[(told.kind == "ring") & (told.reported_at.dt.year == year)]
    return float(staged.cause.isin(["parked_damage", "burglary"]).mean())


def test_gender_decides_nothing_unless_a_bias_is_planted() -> None:
    assert gender_gap(planted_bias=0.0) == pytest.approx(0, abs=0.02)
    assert gender_gap(planted_bias=2.0) > 0.06


def gender_gap(*, planted_bias: float) -> float:
    book = simulate_insurer(Parameters(claims=10_000, rings=0, fraud_share=0.1, planted_bias=planted_bias), seed=2)
    told = book.claims.to_pandas().merge(book.policies.to_pandas()).merge(book.truth.to_pandas())
    share = told.groupby("holder_gender").fraud.mean()
    return float(share["female"] - share["male"])


def test_without_effect_plain_columns_do_not_tell_suspicious_claims_apart() -> None:
    assert delay_ratio(effect=0.0) == pytest.approx(1, abs=0.25)
    assert delay_ratio(effect=1.0) > 1.3


def delay_ratio(*, effect: float) -> float:
    book = small_book(effect=effect, rings=0, fraud_share=0.2)
    told = book.claims.to_pandas().merge(book.truth.to_pandas())
    delay = told.reported_at - pd.to_datetime(told.loss_date)
    return float(delay[told.fraud].median() / delay[~told.fraud].median())


def nulls(book: SimulatedBook, names: Iterable[str]) -> dict[str, float]:
    return {name: book.claims[name].null_count / book.claims.num_rows for name in names}


def test_attributes_have_a_few_nulls_and_the_contract_has_none(book: SimulatedBook) -> None:
    few = nulls(book, ["police_report", "loss_hour", "region", "photos"])
    assert all(share == pytest.approx(0.02, abs=0.01) for share in few.values())
    assert not any(nulls(book, book.claims.column_names[:9]).values())
