"""A structural model is checked when it is written down, and all that is wrong is said at once."""

from __future__ import annotations

import pytest

import crmanalytics as crm
from crmanalytics.errors import FormatError, ParameterError
from crmanalytics.satisfaction import ecsi, structural_model

BLOCKS = {"A": ["a1", "a2"], "B": ["b"], "C": ["c1", "c2"]}


def test_arrows_and_pairs_are_the_same():
    arrows = structural_model(BLOCKS, ["A -> B", "B->C"])
    assert arrows == structural_model(BLOCKS, [("A", "B"), ("B", "C")])
    assert arrows.items == ("a1", "a2", "b", "c1", "c2")


@pytest.mark.parametrize(
    ("blocks", "paths", "says"),
    [
        (BLOCKS, ["A -> B", "B -> C", "C -> A"], r"circle through \['A', 'B', 'C'\]"),
        (BLOCKS, ["A -> B", "A -> C", "A -> A"], "circle"),
        (BLOCKS, ["A -> B"], "'C' has no path"),
        (BLOCKS, ["A -> B", "A -> C", "A -> D"], "'D', which has no items"),
        (BLOCKS, ["A -> B", "A -> B", "A -> C"], "A -> B appears 2 times"),
        ({**BLOCKS, "B": ["a1"]}, ["A -> B", "B -> C"], "item 'a1' appears 2 times"),
        ({**BLOCKS, "B": []}, ["A -> B", "B -> C"], "'B' has no items"),
        ({**BLOCKS, "B": "b"}, ["A -> B", "B -> C"], r"list of columns: \['b'\]"),
        (BLOCKS, ["A - B", "B -> C"], "two ends"),
    ],
)
def test_says_what_cannot_be(blocks, paths, says):
    with pytest.raises(ParameterError, match=says):
        structural_model(blocks, paths)


def test_says_all_that_cannot_be():
    with pytest.raises(ParameterError) as error:
        structural_model({"A": ["x"], "B": ["x"], "C": []}, ["A -> B", "B -> A"])
    for part in ("appears 2 times", "'C' has no items", "'C' has no path", "circle"):
        assert part in str(error.value)


def test_modes():
    assert structural_model(BLOCKS, ["A -> B", "B -> C"], modes={"A": "B"}).blocks[0].mode == "B"
    with pytest.raises(ParameterError, match="mode 'C'"):
        structural_model(BLOCKS, ["A -> B", "B -> C"], modes={"A": "C"})
    with pytest.raises(ParameterError, match=r"\['Z'\] are not"):
        structural_model(BLOCKS, ["A -> B", "B -> C"], modes={"Z": "B"})


def test_index_of_ones_own_items():
    own = {name: [f"{name}_{k}" for k in (1, 2)] for name in crm.satisfaction.ECSI_CONSTRUCTS}
    assert ecsi(own).paths == ecsi().paths
    assert len(ecsi(own).items) == 14
    with pytest.raises(ParameterError, match=r"without \['Image'\], not of the index \['Looks'\]"):
        ecsi({"Looks" if k == "Image" else k: v for k, v in own.items()})


def test_saved_and_loaded(tmp_path):
    model = ecsi(modes={"Quality": "B"})
    assert crm.load(model.save(tmp_path / "model.json")) == model
    text = (tmp_path / "model.json").read_text()
    (tmp_path / "model.json").write_text(text.replace("PERQ1", "PERQ2"))
    with pytest.raises(FormatError, match="altered"):
        crm.load(tmp_path / "model.json")
