"""A whole simulated insurer, from one seed. Refuses to write files, and to let the truth into the four tables."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from perito.domain.errors import ParameterError
from perito.simulate.causes import CAUSE_NAMES
from perito.simulate.details import CHANNELS, Details, World, draw_details
from perito.simulate.draws import BoolArray, Instants, IntArray, Texts, instants_at, integers, numbered, texts_at, words
from perito.simulate.garages import draw_garages
from perito.simulate.investigations import (
    NOT_SELECTED,
    OUTCOMES,
    SELECTIONS,
    Investigations,
    dispositions,
    draw_investigations,
)
from perito.simulate.losses import HONEST, KINDS, draw_losses
from perito.simulate.parameters import REGIONS, Parameters
from perito.simulate.parties import draw_parties, holder_names
from perito.simulate.portfolio import GENDERS, NO_RING, PAYMENTS, Portfolio, draw_portfolio
from perito.simulate.rings import draw_rings


@dataclass(frozen=True)
class SimulatedBook:
    """The four canonical tables of a simulated insurer, and the truth apart from them.

    `truth` has one row per `claim_id`: `fraud`, `kind` (honest, exaggerated, ring), `ring_id`
    (null outside rings), `would_be_outcome` (what an investigation finds or would have
    found), and `selected_by` and `known_at` of every investigation, those that end after the
    book included; null where nobody looked. Only a simulator may use the word fraud: it knows.
    """

    parameters: Parameters
    seed: int
    claims: pa.Table
    policies: pa.Table
    parties: pa.Table
    dispositions: pa.Table
    truth: pa.Table


def simulate_insurer(parameters: Parameters, *, seed: int) -> SimulatedBook:
    """Simulate one insurer's book. The same parameters and seed give the same tables.

    Claims are in the order of report. Instants are in UTC, without a zone in the column type.

    Raises
    ------
    ParameterError
        When `seed` is negative.

    Examples
    --------
    >>> book = simulate_insurer(Parameters.of_size(1000), seed=1)
    >>> book.claims.num_rows, book.claims.column_names[0]
    (1000, 'claim_id')
    """
    if seed < 0:
        raise ParameterError(f"Expected a seed of 0 or more, and {seed} came.", where="seed", remedy="Choose another.")
    rng = iter(np.random.default_rng(seed).spawn(8))
    garages = draw_garages(parameters, next(rng))
    rings = draw_rings(parameters, garages, next(rng))
    portfolio = draw_portfolio(parameters, rings, next(rng))
    losses = draw_losses(parameters, portfolio, rings, next(rng))
    world = World(parameters, garages, rings, portfolio, losses)
    details = draw_details(world, next(rng))
    claim_id = numbered("C", np.arange(len(losses.day)) + 1, 8)
    policy_id = numbered("P", next(rng).permutation(len(portfolio.holder)) + 1, 8)
    made = draw_investigations(world, details, next(rng))
    known_at = _instants(parameters, made.known)
    last = next(rng)
    return SimulatedBook(
        parameters=parameters,
        seed=seed,
        claims=_claims(world, details, claim_id, policy_id, last),
        policies=_policies(parameters, portfolio, policy_id, last),
        parties=draw_parties(world, details, claim_id, last),
        dispositions=dispositions(world, made, claim_id, known_at),
        truth=_truth(world, made, claim_id, known_at),
    )


def _claims(world: World, details: Details, claim_id: Texts, policy_id: Texts, rng: np.random.Generator) -> pa.Table:
    losses, size = world.losses, len(claim_id)

    def missing() -> BoolArray:
        return rng.random(size) < world.parameters.null_share

    return pa.table(
        {
            "claim_id": claim_id,
            "policy_id": texts_at(policy_id, losses.policy),
            "line_of_business": words(("home", "motor"), world.motor.astype(np.int64)),
            "loss_date": _dates(world.parameters, losses.day),
            "reported_at": _instants(world.parameters, losses.reported),
            "claimed_amount": pa.array(details.amount),
            "currency": pa.repeat("EUR", size),
            "cause": words(CAUSE_NAMES, details.cause),
            "channel": words(CHANNELS, details.channel),
            "police_report": words(("no", "yes"), details.police.astype(np.int64), null=missing()),
            "loss_hour": integers(losses.hour, null=missing()),
            "region": words([f"R{number + 1:02d}" for number in range(REGIONS)], details.region, null=missing()),
            "injured": integers(details.injured),
            "witnesses": integers(details.witnesses),
            "vehicle_age_years": integers(details.vehicle_age, null=~world.motor | missing()),
            "photos": integers(details.photos, null=missing()),
        }
    )


def _policies(parameters: Parameters, portfolio: Portfolio, policy_id: Texts, rng: np.random.Generator) -> pa.Table:
    holders, holder = portfolio.holders, portfolio.holder
    unknown = rng.random(len(holders.age)) < parameters.null_share
    table = pa.table(
        {
            "policy_id": policy_id,
            "policyholder_id": holder_names(holder),
            "inception_date": _dates(parameters, portfolio.inception),
            "expiry_date": _dates(parameters, portfolio.expiry),
            "premium_amount": pa.array(portfolio.premium),
            "coverage_amount": pa.array(portfolio.coverage),
            "deductible_amount": pa.array(portfolio.deductible),
            "payment_frequency": words(PAYMENTS, portfolio.payment),
            "holder_age_years": integers(holders.age[holder], null=unknown[holder]),
            "holder_gender": words(GENDERS, holders.gender[holder]),
            "holder_postcode": numbered("", holders.postcode[holder], 5),
        }
    )
    return table.sort_by("policy_id")


def _truth(world: World, made: Investigations, claim_id: Texts, known_at: Instants) -> pa.Table:
    losses = world.losses
    nobody: BoolArray = made.selected == NOT_SELECTED
    everyone = np.arange(len(nobody))
    return pa.table(
        {
            "claim_id": claim_id,
            "fraud": pa.array(losses.kind != HONEST),
            "kind": words(KINDS, losses.kind),
            "ring_id": texts_at(numbered("R", losses.ring + 1, 5), everyone, null=losses.ring == NO_RING),
            "would_be_outcome": words(OUTCOMES, made.outcome),
            "selected_by": words(SELECTIONS, made.selected, null=nobody),
            "known_at": instants_at(known_at, everyone, null=nobody),
        }
    )


def _dates(parameters: Parameters, day: IntArray) -> pa.Date32Array:
    return pa.array(np.datetime64(parameters.start, "D") + day.astype("timedelta64[D]"), pa.date32())


def _instants(parameters: Parameters, second: IntArray) -> Instants:
    start = np.datetime64(parameters.start, "us")
    return pa.array(start + second.astype("timedelta64[s]").astype("timedelta64[us]"), pa.timestamp("us"))
