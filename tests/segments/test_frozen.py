"""Frozen beside refitted cuts: what customers did, and what the ruler did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import ParameterError
from crmanalytics.segments import migration, migration_by_cuts, pyramid, tier_thresholds

TIERS = {"top": 0.2, "middle": 0.3, "base": 0.5}


def by_total(frame, reference):
    return pyramid(frame, thresholds=tier_thresholds(reference["total"], TIERS))


@pytest.fixture(scope="module")
def base():
    rng = np.random.default_rng(2)
    return pd.DataFrame({"customer_id": range(500), "total": rng.lognormal(4, 1, 500)})


def test_growth_of_all_is_no_migration_by_refitted_cuts(base):
    after = base.assign(total=base["total"] * 3)
    found = migration_by_cuts(base, after, by_total, state="tier", value="total")
    moved = found["from_state"] != found["to_state"]
    assert found.loc[moved, "count_refitted"].sum() == 0
    assert found.loc[moved, "count_frozen"].sum() > 100
    for how in ("frozen", "refitted"):
        change = found[f"value_change_{how}"].sum()
        assert change == pytest.approx(2 * base["total"].sum())
        assert found[f"count_{how}"].sum() == 500
    difference = found["probability_refitted"] - found["probability_frozen"]
    pd.testing.assert_series_equal(found["probability_difference"], difference, check_names=False)


def test_each_side_is_the_migration_by_itself(base):
    rng = np.random.default_rng(3)
    after = base.assign(total=base["total"] * rng.lognormal(0, 0.5, 500)).iloc[30:]
    states = list(TIERS)
    found = migration_by_cuts(base, after, by_total, state="tier", states=states)
    for how, reference in (("frozen", base), ("refitted", after)):
        alone = migration(
            by_total(base, base), by_total(after, reference), state="tier", states=states
        )
        assert found[f"count_{how}"].tolist() == alone["count"].tolist()
        assert found[f"probability_{how}"].equals(alone["probability"])


def test_with_rfm_segments_and_polars():
    log = crm.datasets.load_cdnow_sample()
    before, after = (crm.summarize(log, until=day) for day in ("1997-06-30", "1998-06-30"))

    def segmenter(frame, reference):
        return crm.rfm.segment(crm.rfm.score(frame, crm.rfm.breaks(reference)))

    found = migration_by_cuts(before, after, segmenter)
    assert found["count_frozen"].sum() == found["count_refitted"].sum() == len(after)
    same = migration_by_cuts(pl.from_pandas(before), pl.from_pandas(after), segmenter)
    assert isinstance(same, pl.DataFrame)
    assert same["count_frozen"].to_list() == found["count_frozen"].tolist()


def test_a_segmenter_must_be_a_function(base):
    with pytest.raises(ParameterError, match="function"):
        migration_by_cuts(base, base, "tier")
