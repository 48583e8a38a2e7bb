"""Pictures are drawn, repeat byte for byte, stand alone, and are left out where they mean nothing."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from perito.domain.errors import OutputError, ParameterError
from perito.domain.words import Language
from perito.evaluation.plot_words import PLOT_WORDS
from perito.evaluation.plots import draw_plots
from perito.evaluation.wording import say

ALL = {"gain_lift", "precision_recall", "calibration", "score_distribution", "feature_contributions"}


def drawn(folder, *, positives=True, language=Language.ENGLISH, score=None, amount=None):
    rng = np.random.default_rng(0)
    label = (rng.random(300) < 0.2).astype(float) if positives else np.zeros(300)
    given = rng.random(300) if score is None else score
    contributions = {"claimed_amount": 0.8, "policy_age_days": 0.3}
    return draw_plots(given, label, amount, contributions, folder, capacity_share=0.1, language=language)


def test_five_pictures_are_drawn_as_svg_that_needs_nothing_else(tmp_path):
    pictures = drawn(tmp_path, amount=np.full(300, 10.0))
    assert set(pictures) == ALL
    for path in pictures.values():
        root = ET.fromstring(path.read_text())
        assert root.tag.endswith("svg")
        links = {value for node in root.iter() for name, value in node.attrib.items() if name.endswith("href")}
        assert all(link.startswith("#") for link in links)
        assert not list(root.iter("{http://www.w3.org/2000/svg}text"))


def test_the_same_run_draws_the_same_bytes(tmp_path):
    texts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        texts.append({key: path.read_bytes() for key, path in drawn(tmp_path / name).items()})
    assert texts[0] == texts[1]


def test_another_language_draws_another_picture(tmp_path):
    english = {name: path.read_bytes() for name, path in drawn(tmp_path).items()}
    spanish = {name: path.read_bytes() for name, path in drawn(tmp_path, language=Language.SPANISH).items()}
    assert all(english[name] != spanish[name] for name in ALL)


def test_both_languages_have_the_same_texts():
    english, spanish = (PLOT_WORDS[language] for language in Language)
    assert english.keys() == spanish.keys()


def test_numbers_are_written_as_the_language_writes_them():
    assert say("{x:,.1f} in {name}", Language.ENGLISH, x=1234.5, name="a.b") == "1,234.5 in a.b"
    assert say("{x:,.1f} en {name}", Language.SPANISH, x=1234.5, name="a.b") == "1.234,5 en a.b"


def test_without_a_substantiated_claim_only_the_pictures_with_a_meaning_are_drawn(tmp_path):
    assert set(drawn(tmp_path, positives=False)) == {"score_distribution", "feature_contributions"}


@pytest.mark.parametrize("score", [np.zeros(300), np.full(300, 0.4), np.ones(300)])
def test_equal_scores_for_all_can_be_drawn(tmp_path, score):
    assert set(drawn(tmp_path, score=score)) == ALL


def test_drawing_leaves_the_settings_of_the_program_as_found(tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawn(tmp_path)
    assert dict(mpl.rcParams) == before


def test_a_folder_that_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(OutputError, match="absent"):
        drawn(tmp_path / "absent")


def test_scores_outside_their_range_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="from 0 to 1"):
        drawn(tmp_path, score=np.full(300, 1.5))
