"""What was known about each party of a claim before the claim was assessed, as one SQL query.

Every claim, and every decision about it, is an event on the timeline of each of its parties, on
the day it became known. A claim reads that timeline on the day it is assessed. Refuses what
`perito.features.cut` does not let it read: anything of the same day or later.
"""

from collections.abc import Sequence

from perito.domain.words import IDENTIFIER_ROLES
from perito.features.cut import frame_end
from perito.features.neighbours import among_asked, neighbour_steps, reach_sql

DAYS = {"90d": 90, "1y": 365}
"""Window name to days."""

EPOCH = "DATE '1970-01-01'"


def day_number(instant: str) -> str:
    """SQL for the day of an instant, counted from 1970-01-01."""
    return f"DATE_DIFF('day', {EPOCH}, CAST({instant} AS DATE))"


def text_list(values: Sequence[str]) -> str:
    """SQL literals for an IN list; never empty."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values) or "NULL"


_NAMED = (
    ("role", "party_id", "parties"),
    ("'policy'", "policy_id", "claims"),
    ("'line'", "line_of_business", "claims"),
    ("'claim'", "claim_id", "claims"),
)


def named_links_sql(among: str = "") -> str:
    """One row per claim and party, of every party or of those in the table `among` (`subject`, `party_id`).

    The policy and the line of business are parties here too, and so is the claim itself: what
    it reads of its own is taken off what it reads of its parties.
    """
    parts = []
    for subject, party, table in _NAMED:
        wanted = f"JOIN {among} AS w ON w.subject = {subject} AND w.party_id = t.{party}" if among else ""
        once = "DISTINCT" if table == "parties" else ""
        parts.append(
            f"SELECT {once} {subject} AS subject, t.{party} AS party_id, t.claim_id FROM {table} AS t {wanted} "
            f"WHERE t.{party} IS NOT NULL"
        )
    return " UNION ALL ".join(parts)


ASKED_PARTIES = """
SELECT role AS subject, party_id FROM parties WHERE claim_id IN (SELECT claim_id FROM _only)
UNION SELECT 'policy' AS subject, policy_id AS party_id FROM claims WHERE claim_id IN (SELECT claim_id FROM _only)
UNION SELECT 'line' AS subject, line_of_business AS party_id FROM claims
WHERE claim_id IN (SELECT claim_id FROM _only)
UNION SELECT 'claim' AS subject, claim_id AS party_id FROM _only
"""
"""One row per party of a few asked claims: with their links, all that those claims read one step away."""

SUBJECTS = """
SELECT subject, party_id, CAST(ROW_NUMBER() OVER (ORDER BY subject, party_id) AS INTEGER) AS party
FROM (SELECT DISTINCT subject, party_id FROM _named_links) AS s
"""
"""One row per party, with a number: sorting millions of rows by number is several times faster."""

CLAIM_DAYS = f"""
SELECT CAST(ROW_NUMBER() OVER (ORDER BY c.claim_id) AS INTEGER) AS claim, c.claim_id,
  CAST({day_number("c.reported_at")} AS INTEGER) AS reported_day, CAST(a.as_of_day AS INTEGER) AS as_of_day,
  CAST(ROUND(c.claimed_amount * 100) AS BIGINT) AS cents,
  COALESCE(p.policyholder_id, n.party_id) AS policyholder_id,
  CAST(DENSE_RANK() OVER (ORDER BY COALESCE(p.policyholder_id, n.party_id)) AS INTEGER) AS policyholder
FROM claims AS c
JOIN _assessments AS a ON a.claim_id = c.claim_id
LEFT JOIN policies AS p ON p.policy_id = c.policy_id
LEFT JOIN (SELECT claim_id, MIN(party_id) AS party_id FROM parties WHERE role = 'policyholder' GROUP BY claim_id) AS n
  ON n.claim_id = c.claim_id
"""
"""One row per claim, with a number: the days it was reported and is assessed. Amounts travel in
cents, so that a sum is the same in whatever order an engine adds it up."""

LINKS = """
SELECT s.subject, s.party, d.claim, d.reported_day, d.as_of_day, d.cents
FROM _named_links AS l
JOIN _subjects AS s ON s.subject = l.subject AND s.party_id = l.party_id
JOIN _claim_days AS d ON d.claim_id = l.claim_id
"""
"""One row per assessed claim and party, in numbers."""

DECISIONS = f"""
SELECT c.claim, CAST({day_number("known_at")} AS INTEGER) AS known_day,
  CASE WHEN outcome = 'SUBSTANTIATED' THEN 1 ELSE 0 END
    - CASE WHEN earlier = 'SUBSTANTIATED' THEN 1 ELSE 0 END AS substantiated,
  CASE WHEN outcome = 'NOT_SUBSTANTIATED' THEN 1 ELSE 0 END
    - CASE WHEN earlier = 'NOT_SUBSTANTIATED' THEN 1 ELSE 0 END AS not_substantiated
FROM (SELECT claim_id, known_at, outcome,
        LAG(outcome) OVER (PARTITION BY claim_id ORDER BY known_at, outcome) AS earlier
      FROM dispositions WHERE claim_id NOT IN (SELECT claim_id FROM _hidden)) AS d
JOIN _claim_days AS c ON c.claim_id = d.claim_id
"""
"""One row per disposition, as what it changed: a later decision takes back the one it supersedes."""

TIMELINE = """
SELECT party, day, CAST(SUM(claims) AS INTEGER) AS claims, CAST(SUM(cents) AS BIGINT) AS cents,
  CAST(COUNT(cents) AS INTEGER) AS amounts, CAST(SUM(substantiated) AS INTEGER) AS substantiated,
  CAST(SUM(not_substantiated) AS INTEGER) AS not_substantiated
FROM (
  SELECT party, reported_day AS day, 1 AS claims, cents, 0 AS substantiated, 0 AS not_substantiated FROM _links
  UNION ALL SELECT party, as_of_day, 0, NULL, 0, 0 FROM _links WHERE as_of_day <> reported_day
  UNION ALL SELECT l.party, k.known_day, 0, NULL, k.substantiated, k.not_substantiated
  FROM _links AS l JOIN _decisions AS k ON k.claim = l.claim) AS e
GROUP BY party, day
"""
"""One row per party and day on which a claim was reported, a decision became known, or a claim is
assessed. A hub has thousands of events and far fewer days; windows cost what they have rows."""

HOLDERS_TIMELINE = f"""
WITH i AS (
  SELECT l.*, d.policyholder_id FROM _links AS l JOIN _claim_days AS d ON d.claim = l.claim
  WHERE d.policyholder_id IS NOT NULL AND l.subject IN ({text_list(sorted(IDENTIFIER_ROLES))}))
SELECT party, policyholder_id, claim, reported_day AS day, 1 AS claims,
  CASE WHEN ROW_NUMBER() OVER (PARTITION BY party, policyholder_id ORDER BY reported_day) = 1
    THEN 1 ELSE 0 END AS policyholders,
  as_of_day = reported_day AS assessed
FROM i
UNION ALL
SELECT party, policyholder_id, claim, as_of_day, 0, 0, TRUE FROM i WHERE as_of_day <> reported_day
"""
"""The same for identifiers alone: a policyholder counts on the first day of using one."""


def _frame(name: str, keys: str, first: str, cut: int | None) -> str:
    return f"{name} AS (PARTITION BY {keys} ORDER BY day RANGE BETWEEN {first} AND {frame_end(cut)})"


def _sum(column: str, window: str, kind: str = "INTEGER") -> str:
    return f"CAST(COALESCE(SUM({column}) OVER {window}, 0) AS {kind})"


def readings_sql(cut: int | None) -> str:
    """One row per party and day of its timeline: what the timeline held up to the cut.

    A party with a single day has nothing before it, and no row.
    """
    windows = (
        _frame("ever", "party", "UNBOUNDED PRECEDING", cut),
        *(_frame(f"within_{name}", "party", f"{days} PRECEDING", cut) for name, days in DAYS.items()),
    )
    return f"""
SELECT party, day, claims AS claims_on_day,
  {_sum("claims", "ever")} AS claims_ever,
  {_sum("claims", "within_90d")} AS claims_90d,
  {_sum("claims", "within_1y")} AS claims_1y,
  {_sum("cents", "within_1y", "BIGINT")} AS cents_1y,
  {_sum("amounts", "within_1y")} AS amounts_1y,
  {_sum("substantiated", "ever")} AS substantiated,
  {_sum("not_substantiated", "ever")} AS not_substantiated
FROM (SELECT * FROM _timeline
      WHERE party IN (SELECT party FROM _timeline GROUP BY party HAVING COUNT(*) > 1)) AS t
WINDOW {", ".join(windows)}
"""


def other_policyholders_sql(cut: int | None) -> str:
    """One row per assessed claim and identifier: how many other policyholders had used it."""
    of_all = _frame("of_all", "party", "UNBOUNDED PRECEDING", cut)
    of_own = _frame("of_own", "party, policyholder_id", "UNBOUNDED PRECEDING", cut)
    return f"""
SELECT party, claim, policyholders - CASE WHEN own_claims > 0 THEN 1 ELSE 0 END AS other_policyholders
FROM (
  SELECT party, claim, assessed, {_sum("policyholders", "of_all")} AS policyholders,
    {_sum("claims", "of_own")} AS own_claims
  FROM _holders_timeline WINDOW {of_all}, {of_own}) AS r
WHERE assessed
"""


OWN = """
SELECT l.claim, r.* FROM _readings AS r JOIN _links AS l ON l.party = r.party AND l.as_of_day = r.day
WHERE l.subject = 'claim' AND (r.claims_ever <> 0 OR r.substantiated <> 0 OR r.not_substantiated <> 0)
"""
"""What a claim reads of itself: something only where it is assessed after its own report."""


def _others(column: str) -> str:
    return f"COALESCE(r.{column}, 0) - COALESCE(own.{column}, 0)"


def history_sql(*, only: bool) -> str:
    """One row per assessed claim and party, the relation `h`: what was known of the party's OTHER claims.

    The claim's row about itself holds zeros, so that every claim has a row.
    `other_policyholders` is null where the claim's own policyholder is not known.
    """
    return f"""
SELECT l.subject, l.claim, l.cents / 100 AS claimed_amount,
  {_others("claims_ever")} AS claims_ever,
  {_others("claims_90d")} AS claims_90d,
  {_others("claims_1y")} AS claims_1y,
  ({_others("cents_1y")}) / 100 AS amount_1y,
  {_others("amounts_1y")} AS amounts_1y,
  {_others("substantiated")} AS substantiated,
  {_others("not_substantiated")} AS not_substantiated,
  i.other_policyholders
FROM _links AS l
LEFT JOIN _readings AS r ON r.party = l.party AND r.day = l.as_of_day
LEFT JOIN _own AS own ON own.claim = l.claim
LEFT JOIN _other_policyholders AS i ON i.party = l.party AND i.claim = l.claim
{among_asked("l") if only else ""}
"""


def steps(*, only: bool, neighbours: bool, cut: int | None) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The tables to make, in order: name, SQL, and what is no longer needed afterwards.

    `only`: for a few asked claims alone. `neighbours`: with the relation `n` beside `h`.
    """
    further = neighbour_steps(only=only, cut=cut) if neighbours else ()
    return (
        ("_claim_days", CLAIM_DAYS, ()),
        *(_links_of_only(neighbours=neighbours, cut=cut) if only else (("_named_links", named_links_sql(), ()),)),
        ("_subjects", SUBJECTS, ()),
        ("_links", LINKS, ("_named_links", "_subjects")),
        ("_decisions", DECISIONS, ()),
        ("_timeline", TIMELINE, ()),
        ("_readings", readings_sql(cut), ()),
        ("_own", OWN, ()),
        *further,
        ("_holders_timeline", HOLDERS_TIMELINE, ("_timeline", "_decisions")),
        ("_other_policyholders", other_policyholders_sql(cut), ("_holders_timeline",)),
        ("_history", history_sql(only=only), ("_readings", "_other_policyholders", "_own", "_links")),
    )


def _links_of_only(*, neighbours: bool, cut: int | None) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    asked = ("_asked_parties", ASKED_PARTIES, ())
    if not neighbours:
        return (asked, ("_named_links", named_links_sql("_asked_parties"), ("_asked_parties",)))
    return (
        asked,
        ("_asked_links", named_links_sql("_asked_parties"), ()),
        ("_reach", reach_sql(cut), ("_asked_links", "_asked_parties")),
        ("_named_links", named_links_sql("_reach"), ("_reach",)),
    )
