"""Warnings about accepted rows: red flags and oddities that reject nothing. Refuses to change a row."""

from collections.abc import Mapping
from types import MappingProxyType

from perito.engine import Engine

_PER_POLICY = "FROM claims JOIN policies ON policies.policy_id = claims.policy_id"
QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "claim_without_policy": "SELECT COUNT(*) AS rows FROM claims LEFT JOIN policies "
        "ON policies.policy_id = claims.policy_id "
        "WHERE claims.policy_id IS NOT NULL AND policies.policy_id IS NULL",
        "report_before_inception": f"SELECT COUNT(*) AS rows {_PER_POLICY} "
        "WHERE CAST(claims.reported_at AS DATE) < policies.inception_date "
        "OR claims.loss_date < policies.inception_date",
        "known_before_report": "SELECT COUNT(*) AS rows FROM dispositions JOIN claims "
        "ON claims.claim_id = dispositions.claim_id WHERE dispositions.known_at < claims.reported_at",
        "mixed_currencies": "SELECT COALESCE(SUM(claims) - MAX(claims), 0) AS rows FROM "
        "(SELECT COUNT(*) AS claims FROM claims WHERE currency IS NOT NULL GROUP BY currency) AS currencies",
    }
)
"""Warning code to the query that counts its rows, over the accepted tables."""


def count_warnings(engine: Engine, *, has_policies: bool) -> dict[str, int]:
    """Warning code to rows concerned, for those above zero; without a policies table none misses its policy."""
    codes = [code for code in QUERIES if has_policies or code != "claim_without_policy"]
    counts = {code: int(engine.query(QUERIES[code])["rows"][0].as_py()) for code in codes}
    return {code: count for code, count in counts.items() if count}
