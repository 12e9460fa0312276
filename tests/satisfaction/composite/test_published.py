"""The index of sustainable connectivity between Asia and Europe, by three kinds of mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.satisfaction import composite_index, composite_plan, composite_weights

#: Country: arithmetic, geometric, harmonic (COINr, min-max from 1 to 100, equal weights).
INDEX = {
    "DEU": (75.475526607739, 71.5847396353361, 66.2639017141622),
    "GBR": (69.2469743439748, 62.9762999867807, 53.514818547612),
    "FRA": (66.2589579802541, 61.3683349231284, 55.4396801628792),
    "CHE": (62.9798177392482, 50.5255436340843, 25.6972581832512),
    "NLD": (61.6313823609982, 50.6334489494973, 25.3572404319975),
    "NOR": (60.5331592931683, 44.5460426275414, 26.2159588386752),
    "SGP": (48.7580425903741, 32.674538345689, 12.3392556490114),
    "IND": (47.3293408006054, 33.5388923965455, 18.1811512017839),
    "KHM": (38.7011132586497, 16.4296619415746, 4.68438648933889),
    "LAO": (38.1548233071991, 11.9910245543871, 2.97306621853164),
    "BRN": (32.3883172866143, 10.8734091716817, 3.04442897678078),
    "MNG": (35.3779513170764, 13.2741433591596, 3.62978515595657),
}
BEST = {
    "arithmetic": ["DEU", "GBR", "FRA"],
    "geometric": ["DEU", "GBR", "FRA"],
    "harmonic": ["DEU", "FRA", "GBR"],
}


@pytest.fixture(scope="module")
def asem(shared_data):
    meta = pd.read_csv(shared_data("coinr_asem_iMeta.csv"))
    leaves = meta[meta["Type"] == "Indicator"]
    groups = meta[meta["Level"] == 2]
    structure = {
        top: {
            group: leaves.loc[leaves["Parent"] == group, "iCode"].tolist()
            for group in groups.loc[groups["Parent"] == top, "iCode"]
        }
        for top in ("Conn", "Sust")
    }
    costs = leaves.loc[leaves["Direction"] == -1, "iCode"].tolist()
    return pd.read_csv(shared_data("coinr_asem_iData.csv")), structure, costs


@pytest.mark.parametrize(("place", "aggregate"), list(enumerate(BEST)))
def test_index_of_each_country(asem, place, aggregate):
    countries, structure, costs = asem
    plan = composite_plan(
        structure, costs=costs, bounds=(1, 100), aggregate=aggregate, missing="available"
    )
    found = composite_index(countries, plan).set_index("uCode")
    for country, values in INDEX.items():
        assert found.loc[country, "index"] == pytest.approx(values[place], abs=1e-10)
    assert found["index_rank"].sort_values().index[:3].tolist() == BEST[aggregate]
    assert found["index_rank"].max() == len(countries)


def test_parts_of_the_index(asem):
    countries, structure, costs = asem
    plan = composite_plan(structure, costs=costs, bounds=(1, 100), missing="available")
    found = composite_index(countries, plan).set_index("uCode")
    assert found.loc["AUS", ["Conn", "Sust"]].tolist() == pytest.approx(
        [42.1028668285511, 54.7818835913209], abs=1e-10
    )
    weights = composite_weights(countries, plan).set_index("name")
    assert weights.loc["LPI", "weight"] == pytest.approx(1 / 8)
    assert weights.loc["LPI", "weight_in_index"] == pytest.approx(1 / 8 / 5 / 2)
    assert weights.loc[list(plan.indicators), "weight_in_index"].sum() == pytest.approx(1)
    # connectivity varies more than sustainability, and so counts for more than its half
    assert weights.loc["Conn", "weight"] == weights.loc["Sust", "weight"]
    assert weights.loc["Conn", "importance"] > weights.loc["Sust", "importance"] + 0.2
    assert np.isfinite(weights["correlation"]).all()
