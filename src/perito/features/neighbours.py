"""The claims one shared party away from a claim, and what was known one step further, as one SQL query.

Refuses to follow a party with too many other claims: `PAIR_CLAIMS` at the first step, so that pairs
stay a small multiple of links, and `FURTHER_CLAIMS` at the second, where a hub leads everywhere.
A claim meets itself at no step, and no step goes through a neighbour's party that is also its own.
"""

from perito.features.cut import frame_end, readable

PAIR_CLAIMS = 50
"""Other claims, as of the assessment, up to which a party of the claim is followed to them."""
FURTHER_CLAIMS = 10
"""Other claims, as of the assessment, up to which a party of such a claim is followed in turn."""
NO_ROLE = "('claim', 'policy', 'line')"
"""Subjects of the history that are no party a claim names."""


def among_asked(links: str) -> str:
    """The JOIN that keeps of some rows with a `claim` those of the asked claims."""
    return (
        f"JOIN (SELECT d.claim FROM _claim_days AS d JOIN _only AS o ON o.claim_id = d.claim_id) AS asked "
        f"ON asked.claim = {links}.claim"
    )


def reach_sql(cut: int | None) -> str:
    """One row per party that a few asked claims can read: their own, and those of the claims these link them to.

    `_asked_links` are the links of the asked claims' own parties. The parties of a hub's claims are not followed.
    """
    return f"""
WITH near AS (
  SELECT a.subject, a.party_id
  FROM _asked_links AS a
  JOIN _only AS o ON o.claim_id = a.claim_id
  JOIN _claim_days AS asked ON asked.claim_id = a.claim_id
  JOIN _asked_links AS b ON b.subject = a.subject AND b.party_id = a.party_id
  JOIN _claim_days AS d ON d.claim_id = b.claim_id
  WHERE a.subject NOT IN {NO_ROLE} AND {readable("d.reported_day", "asked.as_of_day", cut)}
  GROUP BY a.subject, a.party_id, a.claim_id
  HAVING COUNT(*) <= {PAIR_CLAIMS + 1})
SELECT subject, party_id FROM _asked_parties
UNION
SELECT p.role AS subject, p.party_id FROM parties AS p
JOIN (SELECT DISTINCT l.claim_id FROM _asked_links AS l
      JOIN near AS n ON n.subject = l.subject AND n.party_id = l.party_id) AS j ON j.claim_id = p.claim_id
"""


FOLLOWED = f"""
SELECT l.party, l.claim, l.reported_day, r.claims_ever + r.claims_on_day AS party_claims
FROM _links AS l JOIN _readings AS r ON r.party = l.party AND r.day = l.reported_day
WHERE l.subject NOT IN {NO_ROLE} AND r.claims_ever + r.claims_on_day <= {PAIR_CLAIMS + 1}
"""
"""The first links of each party, up to the cap and one for the claim that reads. While a party may be
followed at all, all its earlier claims are among them; so a hub costs no more than a small party."""


def pairs_sql(cut: int | None, *, only: bool) -> str:
    """One row per claim and other claim that shares a party with it and was reported before the assessment.

    A party counts up to `PAIR_CLAIMS` other claims, as of the assessment.
    """
    return f"""
SELECT a.claim, b.claim AS other, MAX(a.as_of_day) AS as_of_day, CAST(COUNT(*) AS INTEGER) AS shared_parties
FROM (
  SELECT l.party, l.claim, l.as_of_day FROM _links AS l
  JOIN _readings AS r ON r.party = l.party AND r.day = l.as_of_day
  LEFT JOIN _own AS own ON own.claim = l.claim
  {among_asked("l") if only else ""}
  WHERE l.subject NOT IN {NO_ROLE} AND r.claims_ever - COALESCE(own.claims_ever, 0) BETWEEN 1 AND {PAIR_CLAIMS}) AS a
JOIN _followed AS b ON b.party = a.party
WHERE b.claim <> a.claim AND {readable("b.reported_day", "a.as_of_day", cut)}
GROUP BY a.claim, b.claim
"""


def known_sql(cut: int | None) -> str:
    """One row per pair whose other claim had a decision by then: what it said."""
    return f"""
SELECT x.claim, x.other, CAST(SUM(k.substantiated) AS INTEGER) AS substantiated,
  CAST(SUM(k.not_substantiated) AS INTEGER) AS not_substantiated
FROM _pairs AS x JOIN _decisions AS k ON k.claim = x.other
WHERE {readable("k.known_day", "x.as_of_day", cut)}
GROUP BY x.claim, x.other
"""


PATHS = f"""
SELECT x.claim, x.other, x.as_of_day AS day, l.party
FROM _pairs AS x
JOIN _followed AS l ON l.claim = x.other
JOIN (SELECT DISTINCT l.party FROM _links AS l JOIN _decisions AS k ON k.claim = l.claim) AS told
  ON told.party = l.party
LEFT JOIN _links AS mine ON mine.claim = x.claim AND mine.party = l.party
WHERE mine.party IS NULL AND l.party_claims <= {FURTHER_CLAIMS + 1}
"""
"""One row per pair and party of the other claim that is not also the claim's own. Parties none of
whose claims was ever decided say nothing on any day, and are left out."""


def further_readings_sql(cut: int | None) -> str:
    """One row per party and day on which a path asks for it: what was known of its claims by then."""
    ever = f"(PARTITION BY party ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND {frame_end(cut)})"
    sums = ", ".join(
        f"CAST(COALESCE(SUM({name}) OVER ever, 0) AS INTEGER) AS {name}"
        for name in ("claims", "substantiated", "not_substantiated")
    )
    return f"""
SELECT party, day, claims, substantiated, not_substantiated FROM (
  SELECT party, day, asked, {sums}
  FROM (
    SELECT t.party, t.day, t.claims, t.substantiated, t.not_substantiated, FALSE AS asked
    FROM _timeline AS t WHERE t.party IN (SELECT party FROM _paths)
    UNION ALL
    SELECT DISTINCT party, day, 0, 0, 0, TRUE FROM _paths) AS e
  WINDOW ever AS {ever}) AS r
WHERE asked
"""


FURTHER = f"""
SELECT y.claim, y.other,
  CAST(SUM(r.substantiated - COALESCE(k.substantiated, 0)) AS INTEGER) AS substantiated,
  CAST(SUM(r.not_substantiated - COALESCE(k.not_substantiated, 0)) AS INTEGER) AS not_substantiated
FROM _paths AS y
JOIN _further_readings AS r ON r.party = y.party AND r.day = y.day
LEFT JOIN _known AS k ON k.claim = y.claim AND k.other = y.other
WHERE r.claims - 1 <= {FURTHER_CLAIMS}
GROUP BY y.claim, y.other
"""
"""One row per pair: what was known of the further claims, without the other claim's own outcome."""


def book_readings_sql(cut: int | None) -> str:
    """One row per day on which a claim is assessed: how the whole book had been decided by then."""
    ever = f"(ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND {frame_end(cut)})"
    return f"""
SELECT day, substantiated, not_substantiated FROM (
  SELECT day, asked, CAST(COALESCE(SUM(substantiated) OVER ever, 0) AS INTEGER) AS substantiated,
    CAST(COALESCE(SUM(not_substantiated) OVER ever, 0) AS INTEGER) AS not_substantiated
  FROM (
    SELECT known_day AS day, substantiated, not_substantiated, FALSE AS asked FROM _decisions
    UNION ALL SELECT DISTINCT as_of_day, 0, 0, TRUE FROM _claim_days) AS e
  WINDOW ever AS {ever}) AS r
WHERE asked
"""


def neighbours_sql(*, only: bool) -> str:
    """One row per assessed claim and neighbour, the relation `n` of the catalogue.

    A claim without neighbours has one row of zeros, so that every claim has a row.
    `other_policyholder` numbers the neighbour's policyholder; null where either is not known or both are the same.
    """
    return f"""
SELECT d.claim, CASE WHEN x.other IS NULL THEN 0 ELSE 1 END AS claims,
  COALESCE(x.shared_parties, 0) AS shared_parties,
  CASE WHEN d.policyholder_id <> o.policyholder_id THEN o.policyholder END AS other_policyholder,
  COALESCE(k.substantiated, 0) AS substantiated, COALESCE(k.not_substantiated, 0) AS not_substantiated,
  COALESCE(f.substantiated, 0) AS further_substantiated,
  COALESCE(f.not_substantiated, 0) AS further_not_substantiated,
  COALESCE(b.substantiated, 0) - COALESCE(own.substantiated, 0) AS book_substantiated,
  COALESCE(b.not_substantiated, 0) - COALESCE(own.not_substantiated, 0) AS book_not_substantiated
FROM _claim_days AS d
LEFT JOIN _pairs AS x ON x.claim = d.claim
LEFT JOIN _claim_days AS o ON o.claim = x.other
LEFT JOIN _known AS k ON k.claim = x.claim AND k.other = x.other
LEFT JOIN _further AS f ON f.claim = x.claim AND f.other = x.other
LEFT JOIN _book_readings AS b ON b.day = d.as_of_day
LEFT JOIN _own AS own ON own.claim = d.claim
{among_asked("d") if only else ""}
"""


def neighbour_steps(*, only: bool, cut: int | None) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The tables to make, in order: name, SQL, and what is no longer needed afterwards."""
    return (
        ("_followed", FOLLOWED, ()),
        ("_pairs", pairs_sql(cut, only=only), ()),
        ("_known", known_sql(cut), ()),
        ("_paths", PATHS, ("_followed",)),
        ("_further_readings", further_readings_sql(cut), ("_timeline",)),
        ("_further", FURTHER, ("_paths", "_further_readings")),
        ("_book_readings", book_readings_sql(cut), ("_decisions",)),
        ("_neighbours", neighbours_sql(only=only), ("_pairs", "_known", "_further", "_book_readings")),
    )
