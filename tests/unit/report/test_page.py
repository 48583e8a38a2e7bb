"""The report page: what comes first, what it never does, and how it speaks."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from perito.domain.errors import SourceError
from perito.domain.words import Language
from perito.report import render_report
from perito.report.texts import TEXTS
from tests.unit.report.run import (
    about_all,
    burden,
    document,
    facts,
    finding,
    interval,
    learnt,
    learnt_from,
    nothing_learnt,
    plots,
    scores,
    verdicts,
)

VOID = {"meta", "img", "br"}
NOTHING = verdicts(nothing_learnt())


def page(language: Language = Language.ENGLISH, **changes: Any) -> str:
    return render_report(document(**changes), scores(), {}, language=language, claim_facts=facts())


def text_of(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", body).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", plain)


class Nesting(HTMLParser):
    """Follows open elements; every end must match the last start."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag


def test_the_page_is_well_formed_with_unique_ids(tmp_path: Path) -> None:
    leaky = verdicts(nothing_learnt(), finding(), finding("warned", column=""))
    html = render_report(
        document(verdicts=leaky, stand_in="A stand-in.", burden=[burden()]),
        scores(120, alerts=110),
        plots(tmp_path),
        claim_facts=facts(),
    )
    nesting = Nesting()
    nesting.feed(html)
    assert nesting.open == []
    assert len(nesting.ids) == len(set(nesting.ids))


def test_the_page_needs_no_network_and_no_script(tmp_path: Path) -> None:
    html = render_report(document(), scores(), plots(tmp_path))
    assert not re.search(r"https?://|@import|<script|<link|url\(", html)
    sources = re.findall(r'\b(?:src|href|srcset)="([^"]*)"', html)
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
def test_hostile_text_is_shown_and_never_obeyed(hostile: str) -> None:
    listed = scores(claim_id=hostile.replace("{", "{{").replace("}", "}}") + "{}")
    said = verdicts(learnt() | {"sentence": hostile}, finding(column=hostile)) | {"leakage_sentence": hostile}
    html = render_report(document(title=hostile, stand_in=hostile, verdicts=said), listed, {})
    assert "<script" not in html
    assert "<img" not in html
    assert " 49" not in text_of(html)


def test_the_verdict_comes_before_the_list_and_the_list_before_the_figures() -> None:
    html = page()
    order = [html.index(f'id="{part}"') for part in ("verdict", "list", "models", "figures", "rows", "reproduce")]
    assert order == sorted(order)


def test_where_nothing_was_learnt_the_page_says_so_first_and_marks_the_list() -> None:
    html = page(verdicts=NOTHING)
    told = text_of(html)
    assert told.index("Do not assign work by this list") < told.index("Can this table be learnt from?")
    assert "Not validated" in text_of(html[html.index('id="list"') :])
    assert "The order of the list below can be used" not in told


def test_where_something_was_learnt_the_list_is_not_marked() -> None:
    assert "Not validated" not in page()


def test_an_unknown_verdict_is_never_taken_for_learnable() -> None:
    assert "Not validated" in page(verdicts=verdicts(learnt() | {"verdict": "?"}))


def test_a_model_no_better_than_the_amount_is_not_followed_and_the_page_says_what_to_do() -> None:
    told = text_of(page(verdicts=verdicts(learnt() | {"verdict": "no_better_than_amount"})))
    assert "sort by claimed amount instead" in told
    assert "Not validated" in told


def test_the_leakage_verdict_is_told_whether_or_not_anything_was_found() -> None:
    assert "41 columns were checked." in text_of(page())
    asked = text_of(page(verdicts=verdicts(learnt(), finding("asked"))))
    assert "41 columns were checked." in asked
    assert "Yes, and it was not learnt from" in asked


def test_a_stand_in_is_said_before_any_figure() -> None:
    told = text_of(page(stand_in="Risk Profile 3 stands in."))
    assert told.index("Risk Profile 3 stands in.") < told.index("Can this table be learnt from?")
    assert "no fraud label" not in page()


def test_the_desk_is_told_what_to_expect_in_claims_and_money() -> None:
    told = text_of(page())
    assert "opens the first 408 claims of the list (10 % of those it is shown), expect 42 to be substantiated" in told
    assert "(95 % interval 32 to 54). As many opened at random: about 18." in told
    assert "worth 31,250 USD after the cost of the investigations (4,100 USD to 60,800 USD)" in told


def test_figures_without_meaning_are_not_shown_as_zero() -> None:
    nothing = interval(None, None, None)
    told = text_of(page(test={"precision_at_capacity": nothing, "net_money_at_capacity": nothing}))
    assert "Net money at capacity not measured not measured" in told
    assert "no hits can be expected in numbers" in told


def test_findings_are_told_with_column_evidence_and_action() -> None:
    told = text_of(page(verdicts=verdicts(learnt(), finding())))
    assert "knows the outcome paid_amount It alone ranks unseen claims with an AUC of 0.99. blocked" in told


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("time", "before 1996-01-01"),
        ("group", "wholly apart"),
        ("random", "drawn at random"),
        ("unlabelled", "ranked are the 4,083 without one"),
    ],
)
def test_the_page_says_how_the_claims_were_split(kind: str, said: str) -> None:
    assert said in text_of(page(split=document()["split"] | {"kind": kind}))


def test_a_card_shows_score_facts_and_reasons_of_its_claim() -> None:
    html = page()
    told = text_of(html[html.index('id="list"') :])
    assert "C1 Score 0.90 Claimed 12,345.50 USD Reported 1996-03-04 Line of business motor" in told
    assert "The garage handled 14 other claims 14 usually 3 +0.80" in told
    assert "\N{MINUS SIGN}0.40" in told
    assert "width:90.0%" in html
    assert "width:50.0%" in html


def test_facts_that_are_not_known_are_not_shown() -> None:
    html = page()
    second = html[html.index("<h3>C2</h3>") : html.index('id="models"')]
    assert "Claimed" not in second


def test_only_alerted_claims_are_listed() -> None:
    assert "<h3>C2</h3>" in page()
    assert "<h3>C3</h3>" not in page()


def test_a_long_list_is_folded_and_the_rest_is_counted() -> None:
    told = render_report(document(), scores(150, alerts=130), {})
    assert "130 claims are alerted" in told
    assert "Show 90 more" in told
    assert "30 more alerted claims are in the scores file" in told
    assert "<h3>C100</h3>" in told
    assert "<h3>C101</h3>" not in told


def test_no_alert_is_said_plainly() -> None:
    assert "No claim is alerted." in render_report(document(), scores(alerts=0), {})


def test_rejected_rows_are_counted_by_reason_most_first() -> None:
    told = text_of(page())
    assert told.index("Rejected unreadable_date 2") < told.index("Rejected duplicate_claim_id 1")
    assert "Accepted with a warning report_before_inception 31" in told


def test_the_command_makes_the_same_page_again() -> None:
    assert "perito run vehicle-claims --seed 7 --test-from 1996-01-01 --lang es" in page(Language.SPANISH)


def test_a_run_without_servers_leaves_their_lines_out() -> None:
    told = page(mlflow=None, prefect=None)
    assert "MLflow run" not in told
    assert "9f2c61d0a7be44d1" in told


def test_a_plot_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="gain_lift"):
        render_report(document(), scores(), {"gain_lift": tmp_path / "gain_lift.svg"})


def test_the_spanish_page_says_no_english_text_of_the_table() -> None:
    html = page(Language.SPANISH, verdicts=NOTHING)
    assert '<html lang="es">' in html
    told = text_of(html)
    english = {text.en for text in TEXTS.values() if text.en != text.es and len(text.en.split()) > 1}
    pieces = {piece.strip(" .:;()") for text in english for piece in re.split(r"\{\w+\}", text)}
    leftovers = {piece for piece in pieces if len(piece.split()) > 2 and piece in told}
    assert leftovers == set()
    assert "12.345,50 USD" in told


def test_every_table_names_its_columns() -> None:
    html = page(verdicts=verdicts(learnt(), finding()))
    assert html.count("<table") == html.count("<thead")
    assert html.count("<th ") == html.count('<th scope="')


def test_what_the_figures_speak_about_is_said_and_figures_about_all_claims_have_a_table_of_their_own() -> None:
    investigated, everyone = text_of(page()), text_of(page(population_figures=about_all()))
    assert "The figures speak about investigated claims only." in investigated
    assert "Substantiated, of all" not in investigated
    assert "About all 4083 claims, estimated from 120 random audits" in everyone
    assert "Substantiated, of all 3.1 % 2.0 % to 5.0 %" in everyone
    assert "Sobre todos los siniestros" in text_of(page(Language.SPANISH, population_figures=about_all()))


def test_a_claim_that_chance_chose_is_marked_in_the_list() -> None:
    drawn = scores(3, alerts=2).assign(
        alert=[True, False, True], selected_by=["alert", None, "random_audit"], selection_probability=[1, None, 0.5]
    )
    html = text_of(render_report(document(), drawn, {}, claim_facts=facts()))
    assert html.count("chance, not by its score") == 1
    assert "chance, not by its score" not in text_of(page())


def test_the_command_repeats_the_share_of_audits() -> None:
    capacity = {"share": 0.1, "claims": 408, "audit_share": 0.1, "ranked": 367, "audited": 41}
    told = text_of(page(capacity=capacity))
    assert "--audit-share 0.1" in told
    assert "opens the first 367 claims of the list" in told


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.ENGLISH, ["Who is alerted without cause", "40 of 400", "more often than the others", "above 0.2"]),
        (Language.SPANISH, ["A quién se alerta sin motivo", "40 de 400", "más que los demás", "más de 0,2"]),
    ],
)
def test_the_burden_of_every_group_is_shown_with_its_interval(language: Language, said: list[str]) -> None:
    text = text_of(page(language, burden=[burden()]))
    for words in (*said, "Of 409 cleared claims", "Sex of the policyholder", "not stated"):
        assert words in text
    assert re.search(r"10[.,]0 % \((de )?7[.,]4 % (to|a) 13[.,]3 %\)", text)


def test_a_group_that_differs_is_marked_and_one_that_does_not_is_not() -> None:
    differs = '<span class="tag bad">differs</span>'
    assert differs in page(burden=[burden()])
    assert differs not in page(burden=[burden("no_difference_shown")])


def test_a_run_without_protected_attributes_has_no_such_section() -> None:
    assert 'id="burden"' not in page(burden=[])
    assert 'id="burden"' not in page()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.ENGLISH, ["What the model learns from", "average 6.1 %; 5.8 %", "12.30", "left out"]),
        (Language.SPANISH, ["De qué aprende el modelo", "promedian 6,1 %", "12,30", "fuera"]),
    ],
)
def test_the_page_says_which_features_hold_how_models_were_blended_and_what_became_of_them(
    language: Language, said: list[str]
) -> None:
    text = text_of(page(language, **learnt_from()))

    for words in (*said, "representative", "The model is a weighted sum.", "The difference may be zero."):
        assert words in text


def test_a_run_that_did_not_ask_which_features_hold_has_no_such_section() -> None:
    assert 'id="learnt"' not in page()
