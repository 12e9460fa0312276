"""Charts of segments: what is drawn is what the frame says."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from crmanalytics import segments
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.plots import (
    plot_lifecycle,
    plot_migration,
    plot_pyramid,
    plot_stability,
    plot_transitions,
    plot_treemap,
    plot_whale_curve,
)
from crmanalytics.plots.treemap import squarified

mpl.use("Agg")


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(scope="module")
def moves():
    rng = np.random.default_rng(0)
    days = [
        pd.DataFrame(
            {
                "customer_id": range(start, start + 200),
                "segment": rng.choice(["gold", "iron", "wood"], 200),
                "total": rng.gamma(2, 10, 200),
            }
        )
        for start in (0, 40)
    ]
    return segments.migration(*days, value="total")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def drawn(axes):
    axes.figure.savefig("/dev/null", format="png")
    return axes


def test_the_whale_is_marked_at_its_peak(ax):
    curve = segments.whale_curve(pd.DataFrame({"profit": [50.0, -30, 20, 0, 60]}))
    assert plot_whale_curve(curve, currency="£", ax=ax) is ax
    line = drawn(ax).lines[0]
    np.testing.assert_array_equal(line.get_xydata(), curve[["customer_share", "value"]])
    assert texts(ax) == ["best 60%: £130", "all: £100"]
    assert len(ax.collections) == 1
    rising = segments.whale_curve(pd.DataFrame({"profit": [50.0, 30]}))
    assert not plot_whale_curve(rising, ax=Figure().subplots()).collections


def test_the_pyramid_has_two_bars_a_tier(ax):
    customers = pd.DataFrame({"total": np.arange(1.0, 101.0) ** 3})
    profile = segments.tier_profile(segments.pyramid(customers))
    plot_pyramid(profile, ax=ax)
    widths = [bar.get_width() for bar in drawn(ax).patches]
    assert widths[:4] == (-profile["customer_share"]).tolist()
    assert widths[4:] == profile["value_share"].tolist()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == profile["tier"].tolist()
    assert texts(ax)[:4] == ["1.0%", "4.0%", "15.0%", "80.0%"]
    again = plot_pyramid(pl.from_pandas(profile), ax=Figure().subplots())
    assert texts(again) == texts(ax)


def test_the_treemap_has_areas_in_proportion(ax):
    profile = pd.DataFrame(
        {
            "segment": ["A", "B", "None of them", "D"],
            "customers": [50, 30, 0, 20],
            "worth": [1, 9, 5, 2],
        }
    )
    plot_treemap(profile, shade="worth", ax=ax)
    areas = [box.get_width() * box.get_height() for box in drawn(ax).patches]
    np.testing.assert_allclose(areas, np.array([50, 30, 20]) * 1.6)
    assert texts(ax) == ["A\n50.0%", "B\n30.0%", "D\n20.0%"]
    light = [box.get_facecolor()[0] for box in ax.patches]
    assert light[1] < light[2] < light[0]
    assert "the darker, the more worth" in ax.get_title()


def test_small_boxes_turn_or_break_their_names(ax):
    profile = pd.DataFrame(
        {"segment": ["Some very long name", "x"] * 6, "customers": range(12, 0, -1)}
    )
    plot_treemap(profile, ax=ax)
    labels = drawn(ax).texts
    assert len(labels) == 12
    assert {label.get_rotation() for label in labels} <= {0.0, 90.0}
    assert min(label.get_fontsize() for label in labels) >= 5
    plain = [label.get_text().replace("\n", " ") for label in labels]
    assert sum(each.startswith("Some very long name") for each in plain) == 6
    tiny = pd.DataFrame({"segment": ["all", "n"], "customers": [10**6, 1]})
    assert len(plot_treemap(tiny, ax=Figure().subplots()).texts) == 1


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.floats(0.2, 5))
def test_squares_fill_the_rectangle_without_overlap(sizes, width):
    shares = np.sort(np.array(sizes, dtype=float))[::-1]
    boxes = np.array(squarified(shares, (0.0, 0.0, width, 1.0)))
    np.testing.assert_allclose(boxes[:, 2] * boxes[:, 3], shares / shares.sum() * width)
    assert (boxes[:, :2] >= -1e-9).all()
    assert (boxes[:, 0] + boxes[:, 2] <= width + 1e-9).all()
    assert (boxes[:, 1] + boxes[:, 3] <= 1 + 1e-9).all()
    for k, (x, y, w, h) in enumerate(boxes):
        for a, b, c, d in boxes[k + 1 :]:
            across = min(x + w, a + c) - max(x, a)
            down = min(y + h, b + d) - max(y, b)
            assert min(across, down) < 1e-9


@pytest.mark.parametrize("size", ["count", "value_before", "value_after"])
def test_bands_are_as_wide_as_the_flows(moves, size, ax):
    plot_migration(moves, size=size, ax=ax)
    some = moves[moves[size] > 0]
    widths = []
    for band in drawn(ax).collections:
        corners = band.get_paths()[0].vertices
        left = corners[np.isclose(corners[:, 0], 0)]
        widths.append(np.ptp(left[:, 1]))
    np.testing.assert_allclose(widths, some[size] / some[size].sum(), atol=1e-9)
    bars = [bar.get_height() for bar in ax.patches]
    assert sum(bars) == pytest.approx(2)
    names = [each.rsplit(" ", 1)[0] for each in texts(ax)]
    assert set(names) <= {"gold", "iron", "wood", "Entered", "Left"}


def test_the_table_of_moves_shows_each_share(moves, ax):
    plot_transitions(moves, ax=ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["gold", "iron", "wood", "Entered"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["gold", "iron", "wood", "Left"]
    shown = {tuple(map(int, t.get_position()[::-1])): t.get_text() for t in drawn(ax).texts}
    gold = moves[(moves["from_state"] == "gold") & (moves["to_state"] == "iron")]
    assert shown[0, 1] == f"{100 * gold['probability'].iloc[0]:.0f}"


def test_states_are_stacked_up_to_all_customers(ax):
    rng = np.random.default_rng(0)
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 60, 400),
            "date": np.datetime64("2024-01-01") + rng.integers(0, 400, 400).astype("m8[D]"),
        }
    )
    counts = segments.lifecycle_counts(log, ["2024-03-31", "2024-06-30", "2024-12-31"])
    plot_lifecycle(counts, ax=ax)
    names = [text.get_text() for text in drawn(ax).get_legend().get_texts()]
    assert names == ["lost", "dormant", "won back", "loyal", "repeat", "first-time"]
    top = max(path.vertices[:, 1].max() for c in ax.collections for path in c.get_paths())
    assert top == counts[counts["date"] == "2024-12-31"]["customers"].sum()


def test_stability_with_sizes(ax):
    frame = pd.DataFrame({"x": np.r_[np.arange(20.0), np.arange(100.0, 120.0)]})
    found = segments.cluster_stability(frame, (2, 3), ["x"], log=False, bootstraps=4)
    plot_stability(found, ax=ax)
    ticks = [tick.get_text() for tick in drawn(ax).get_xticklabels()]
    assert ticks == [f"{k}\n({n})" for k, n in zip(found["k"], found["smallest"], strict=True)]
    assert "advised" in [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize(
    ("plot", "columns"),
    [
        (plot_whale_curve, ["customer_share"]),
        (plot_pyramid, ["tier"]),
        (plot_treemap, ["customers"]),
        (plot_migration, ["from_state"]),
        (plot_transitions, ["from_state"]),
        (plot_lifecycle, ["state"]),
        (plot_stability, ["k"]),
    ],
)
def test_frames_that_are_something_else(plot, columns):
    with pytest.raises(MissingColumnsError):
        plot(pd.DataFrame({name: [1.0] for name in columns}))


def test_nothing_to_draw(moves):
    with pytest.raises(InvalidValuesError, match="no rows"):
        plot_migration(moves.head(0))
    with pytest.raises(InvalidValuesError, match="nor all zero"):
        plot_migration(moves.assign(count=0))
    with pytest.raises(InvalidValuesError, match="not be negative"):
        plot_treemap(pd.DataFrame({"segment": ["a", "b"], "customers": [-1, 2]}))
