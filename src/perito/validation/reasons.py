"""Every reason to reject a row and every warning, in one sentence each. Refuses to quote a cell.

`docs/validation.md` lists the same codes; a test keeps the two equal.
"""

from types import MappingProxyType

REASONS = MappingProxyType(
    {
        "unreadable_row": "The row cannot be told from its neighbours; a quote is probably never closed.",
        "broken_encoding": "The row holds bytes that are no text in the file's encoding.",
        "too_many_fields": "The row has more fields than the header has columns.",
        "too_few_fields": "The row has fewer fields than the header has columns.",
        "unparseable_date": "A date is not written in any of the expected formats, or is no day of the calendar.",
        "unparseable_number": "A number is not written plainly like 1234.56; decimal commas and thousands "
        "separators are not understood.",
        "infinite_date": "A date or an instant of a PostgreSQL table is infinite; a view can say NULL instead.",
        "failed_expression": "An expression of the spec cannot be computed for this row.",
        "missing_value": "A value that every row must have is empty.",
        "negative_amount": "An amount of money is below zero.",
        "impossible_amount": "An amount of money is above a million million.",
        "loss_after_report": "The loss happened after the day it was reported.",
        "unknown_outcome": "The outcome is none of SUBSTANTIATED, NOT_SUBSTANTIATED and INCONCLUSIVE.",
        "unknown_selected_by": "The investigation was selected by none of alert, manual and random_audit.",
        "impossible_probability": "The selection probability is not above 0 and at most 1.",
        "unknown_role": "The party's role is none of the roles of the data contract.",
        "duplicate_row": "The row repeats an earlier row exactly; the earlier one is kept.",
        "duplicate_claim_id": "An earlier row has the same claim_id and says something else; the earlier one is kept.",
        "duplicate_policy_id": "An earlier row has the same policy_id and says something else; the earlier one is "
        "kept.",
        "disposition_without_claim": "The disposition's claim is absent or was rejected.",
        "party_without_claim": "The party's claim is absent or was rejected.",
    }
)
"""Reason code, and the sentence a reader sees. The first reason that holds rejects the row."""

WARNINGS = MappingProxyType(
    {
        "claim_without_policy": "The claim names a policy that the policies table does not hold.",
        "report_before_inception": "The claim was reported, or the loss happened, before its policy began.",
        "known_before_report": "The disposition was known before its claim was reported.",
        "mixed_currencies": "The claim's currency is not the one most claims have; amounts are not converted.",
    }
)
"""Warning code and its sentence. The rows are kept."""
