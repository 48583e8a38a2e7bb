"""People and identifiers that are on both sides of a split that knows no time.

Refuses to speak of a split by time, where a claimant who comes back next year is no leak, and
of businesses: a garage is on both sides of every split.
"""

from collections.abc import Collection, Iterator

import pyarrow as pa

from perito.datasets.book import Book
from perito.domain.opinions import Finding
from perito.domain.words import IDENTIFIER_ROLES, Language, Role
from perito.evaluation.wording import say
from perito.features.history import text_list

PERSONS = frozenset({Role.POLICYHOLDER, Role.CLAIMANT, Role.DRIVER, Role.WITNESS})
SHARED = 0.01
"""Share of the labelled test claims that must name a party of a claim learnt from before it is said."""

_SHARED = f"""
SELECT p.role, COUNT(DISTINCT p.claim_id) AS claims
FROM parties AS p
JOIN _reported_on AS r ON r.claim_id = p.claim_id
WHERE p.role IN ({text_list(sorted(PERSONS | IDENTIFIER_ROLES))}) AND EXISTS (
  SELECT 1 FROM parties AS q JOIN _learnt_from AS l ON l.claim_id = q.claim_id
  WHERE q.role = p.role AND q.party_id = p.party_id)
GROUP BY p.role ORDER BY p.role
"""


def parties_on_both_sides(
    book: Book,
    *,
    learnt_from: Collection[str],
    reported_on: Collection[str],
    language: Language = Language.ENGLISH,
) -> Iterator[Finding]:
    """Kinds of party by which test claims are tied to claims learnt from: action `warned`.

    `learnt_from`, `reported_on`: the labelled claims of either side.
    """
    engine = book.engine
    for name, claim_ids in (("_learnt_from", learnt_from), ("_reported_on", reported_on)):
        engine.load(name, pa.table({"claim_id": pa.array([str(one) for one in claim_ids], pa.string())}))
    shared = engine.query(_SHARED).to_pylist()
    engine.drop(("_learnt_from", "_reported_on"))
    for row in shared:
        if row["claims"] >= SHARED * len(reported_on):
            evidence = say(_WORDS[language], language, claims=row["claims"], total=len(reported_on), role=row["role"])
            yield Finding("group_overlap", f"parties.{row['role']}", evidence, "warned")


_WORDS = {
    Language.ENGLISH: (
        "{claims} of {total} labelled test claims share a {role} with a claim that was learnt from, so the test is "
        "partly about parties already known."
    ),
    Language.SPANISH: (
        "{claims} de {total} siniestros de prueba con resultado comparten {role} con uno del que se aprendió: la "
        "prueba trata en parte de partes ya conocidas."
    ),
}
