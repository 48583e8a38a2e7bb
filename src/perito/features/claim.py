"""Features of the claim itself. They read one row and know nothing of other claims, save what is usual in the line."""

from perito.features.feature import Feature

CLAIM_FEATURES = (
    Feature(
        name="claimed_amount",
        over="claim",
        expression="c.claimed_amount",
        unit="amount",
        sentence_en="The claimed amount is {value}",
        sentence_es="El importe reclamado es {value}",
        null_means="no amount was stated",
        needs=frozenset({"claims.claimed_amount"}),
    ),
    Feature(
        name="claimed_amount_is_round",
        over="claim",
        expression="CASE WHEN c.claimed_amount > 0 THEN CASE WHEN c.claimed_amount % 100 = 0 THEN 1 ELSE 0 END END",
        unit="flag",
        sentence_en="The claimed amount is a round number: {value}",
        sentence_es="El importe reclamado es un número redondo: {value}",
        null_means="no amount was stated, or it is zero",
        needs=frozenset({"claims.claimed_amount"}),
    ),
    Feature(
        name="report_delay_days",
        over="claim",
        expression="DATE_DIFF('day', c.loss_date, CAST(c.reported_at AS DATE))",
        unit="days",
        sentence_en="The loss was reported after {value}",
        sentence_es="El siniestro se comunicó pasados {value}",
        null_means="the day of the loss is not known",
        needs=frozenset({"claims.loss_date"}),
    ),
    Feature(
        name="loss_on_weekend",
        over="claim",
        # Day 0 of the count, 1970-01-01, was a Thursday; 2 and 3 days later come Saturday and Sunday.
        # A hundred thousand weeks are added so that earlier days count the same way.
        expression="CASE WHEN MOD(700000 + DATE_DIFF('day', DATE '1970-01-01', c.loss_date), 7) IN (2, 3) THEN 1 "
        "WHEN c.loss_date IS NOT NULL THEN 0 END",
        unit="flag",
        sentence_en="The loss happened on a weekend: {value}",
        sentence_es="El siniestro ocurrió en fin de semana: {value}",
        null_means="the day of the loss is not known",
        needs=frozenset({"claims.loss_date"}),
    ),
    Feature(
        name="line_claimed_ratio_1y",
        over="history",
        expression="MAX(CASE WHEN h.subject = 'line' AND h.amounts_1y >= 10 AND h.amount_1y > 0 "
        "THEN h.claimed_amount * h.amounts_1y / h.amount_1y END)",
        unit="ratio",
        sentence_en="The claimed amount is {value} of the year's average in its line of business",
        sentence_es="El importe reclamado es el {value} de la media del año en su ramo",
        null_means="no amount was stated, or fewer than ten claims of the line had one in the year before",
        needs=frozenset({"claims.claimed_amount", "claims.line_of_business"}),
    ),
)
