"""Rows found in another frame by an identifier."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pytest

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames.matching import places_of

FRAMES = ("survey", "customers")


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("ids", [[3, 1, 9], ["c", "a", "x"]])
def test_places(backend, ids):
    own = nw.from_dict({"id": ids}, backend=backend)
    known = nw.from_dict({"id": [*ids[1::-1], ids[0] * 7]}, backend="pandas")
    assert places_of(own["id"], known["id"], FRAMES).tolist() == [1, 0, -1]


def test_what_is_refused():
    own = nw.from_dict({"id": [1, 2], "text": ["1", "2"], "twice": [1, 1]}, backend="pandas")
    with pytest.raises(InvalidValuesError, match="such as '1'"):
        places_of(own["text"], own["id"], FRAMES)
    with pytest.raises(InvalidValuesError, match=r"customers\['twice'\] must not repeat: 1 values"):
        places_of(own["id"], own["twice"], FRAMES)
    assert places_of(own["id"][:0], own["id"], FRAMES).tolist() == []
