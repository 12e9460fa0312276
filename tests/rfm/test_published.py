"""The published results of the R package rfm and of the UCI data, from customers to segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.rfm import breaks, grid, profile, rules, score, segment

TEST_RULES = pd.DataFrame(
    {
        "segment": [
            "Champions", "Loyal Customers", "Potential Loyalist", "New Customers", "Promising",
            "Need Attention", "About To Sleep", "At Risk", "Can't Lose Them", "Lost",
        ],
        "r_low": [4, 2, 3, 4, 3, 2, 2, 1, 1, 1],
        "r_high": [5, 5, 5, 5, 4, 3, 3, 2, 1, 2],
        "f_low": [4, 3, 1, 1, 1, 2, 1, 2, 4, 1],
        "f_high": [5, 5, 3, 1, 1, 3, 2, 5, 5, 2],
        "m_low": [4, 3, 1, 1, 1, 2, 1, 2, 4, 1],
        "m_high": [5, 5, 3, 1, 1, 3, 2, 5, 5, 2],
    }
)  # fmt: skip

#: segment: customers, orders, revenue, average order value
ORDERS_SEGMENTS = {
    "Potential Loyalist": (342, 2211, 204856, 92.65),
    "Loyal Customers": (170, 799, 76562, 95.82),
    "Lost": (148, 393, 35324, 89.88),
    "New Customers": (104, 329, 28837, 87.65),
    "About To Sleep": (102, 283, 23449, 82.86),
    "Can't Lose Them": (47, 274, 32446, 118.42),
    "Champions": (35, 316, 31646, 100.15),
    "At Risk": (28, 216, 22227, 102.90),
    "Need Attention": (10, 57, 4562, 80.04),
    "Promising": (9, 28, 4249, 151.75),
}


def counts(scores, n=5):
    return np.bincount(scores, minlength=n + 1)[1:].tolist()


@pytest.fixture(scope="module")
def orders_scored(orders_example):
    return score(orders_example, ties="rfm-r")


def test_orders_cuts(orders_example):
    found = breaks(orders_example, ties="rfm-r")
    assert found.r[0] == pytest.approx((115, 181, 297.4, 482))
    assert found.f[0] == pytest.approx((4, 5, 6, 8))
    assert found.m[0] == pytest.approx((255.8, 382, 506.4, 666))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("r_score", [197, 200, 199, 199, 200]),
        ("f_score", [268, 187, 176, 244, 120]),
        ("m_score", [200, 200, 198, 202, 195]),
    ],
)
def test_orders_score_counts(orders_scored, name, expected):
    assert counts(orders_scored[name]) == expected


def test_orders_codes(orders_scored):
    codes = orders_scored["rfm_score"]
    assert (codes == 555).sum() == 35
    assert (codes == 111).sum() == 75
    assert codes.nunique() == 92


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("Abbey O'Reilly", (205, 6, 472, 343)),
        ("Add Senger", (140, 3, 340, 412)),
        ("Aden Lesch", (194, 4, 405, 323)),
        ("Aden Murphy", (98, 7, 596, 544)),
        ("Admiral Senger", (132, 5, 448, 433)),
        ("Brion Stark", (229, 8, 852, 355)),
        ("Ethyl Botsford", (252, 8, 526, 354)),
        ("Hosteen Jacobi", (545, 4, 300, 122)),
        ("Edw Frami", (44, 10, 868, 555)),
        ("Josef Lemke", (48, 5, 391, 533)),
        ("Julisa Halvorson", (127, 12, 987, 455)),
        ("Judyth Lueilwitz", (662, 5, 552, 134)),
        ("Mekhi Goyette", (416, 4, 350, 222)),
    ],
)
def test_orders_first_rows(orders_scored, name, row):
    columns = ["days_since_last", "orders", "total", "rfm_score"]
    assert tuple(orders_scored.loc[name, columns]) == row


def test_orders_ranges(orders_scored):
    names = ["days_since_last", "orders", "total"]
    assert orders_scored[names].min().tolist() == [1, 1, 12]
    assert orders_scored[names].max().tolist() == [976, 14, 1488]


def test_orders_heat_map(orders_scored):
    cells = grid(orders_scored)
    expected = [
        [208.40, 246.98, 246.30, 213.42, 262.17],
        [380.50, 407.54, 355.08, 375.17, 370.03],
        [530.24, 516.65, 446.61, 451.88, 467.00],
        [575.41, 599.47, 603.79, 617.07, 564.51],
        [746.67, 873.11, 846.90, 866.43, 862.40],
    ]
    means = cells["mean"].to_numpy().reshape(5, 5)
    np.testing.assert_allclose(means, expected, atol=0.005001)
    assert cells["customers"].sum() == 995


def test_orders_segments(orders_scored):
    found = profile(segment(orders_scored, rules("rfm-r-0.3.0"))).set_index("segment")
    assert found.index.tolist() == list(ORDERS_SEGMENTS)
    for name, (size, orders, revenue, value) in ORDERS_SEGMENTS.items():
        row = found.loc[name]
        assert (row["customers"], row["orders"], row["revenue"]) == (size, orders, revenue)
        assert row["average_order_value"] == pytest.approx(value, abs=0.00501)


def test_orders_segments_by_the_table_of_the_packages_tests(orders_scored):
    mine = rules(TEST_RULES, overlap="first", others="Others")
    found = profile(segment(orders_scored, mine)).set_index("segment")
    assert found["customers"].to_dict() == {
        "Loyal Customers": 278,
        "Potential Loyalist": 229,
        "Champions": 158,
        "Lost": 111,
        "At Risk": 86,
        "About To Sleep": 50,
        "Others": 48,
        "Need Attention": 35,
    }
    assert found.loc["Champions", ["orders", "revenue"]].tolist() == [1234, 120178]


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("cut", [268, 187, 176, 244, 120]),
        ("rfm-r", [268, 187, 176, 244, 120]),
        ("low", [268, 187, 176, 244, 120]),
        ("average", [268, 187, 176, 150, 214]),
        ("high", [125, 143, 187, 326, 214]),
    ],
)
def test_orders_tie_policies(orders_example, ties, expected):
    assert counts(score(orders_example, ties=ties)["f_score"]) == expected


def test_customer_cuts_and_first_rows(customer_example):
    found = breaks(customer_example, ties="rfm-r")
    assert found.r[0] == pytest.approx((77, 126, 177, 266))
    assert found.f[0] == pytest.approx((8, 10, 11, 13))
    assert found.m[0] == pytest.approx((641, 827, 1003, 1226))
    head = score(customer_example, found).head(10)
    assert customer_example["orders"].sum() == 393_223
    columns = ["customer_id", "days_since_last", "orders", "total", "rfm_score"]
    assert head[columns].to_numpy().tolist() == [
        [22086, 232, 9, 777, 222],
        [2290, 115, 16, 1555, 455],
        [26377, 43, 5, 336, 511],
        [24650, 64, 12, 1189, 544],
        [12883, 23, 12, 1229, 545],
        [2119, 72, 11, 929, 543],
        [31283, 112, 17, 1569, 455],
        [33815, 142, 11, 778, 342],
        [15972, 43, 9, 641, 522],
        [27650, 131, 10, 970, 333],
    ]


def test_customer_segments(customer_example):
    named = segment(score(customer_example, ties="rfm-r"), rules("rfm-r-0.3.0"))
    assert named["segment"].value_counts().to_dict() == {
        "Potential Loyalist": 12762,
        "Loyal Customers": 6965,
        "Lost": 5535,
        "New Customers": 4475,
        "About To Sleep": 4095,
        "At Risk": 2081,
        "Champions": 1571,
        "Can't Lose Them": 1471,
        "Need Attention": 679,
        "Promising": 297,
        "Others": 68,
    }


def test_uci_default_map_with_ties_sharing_a_score(uci_customers):
    named = segment(score(uci_customers))
    assert named["segment"].value_counts().to_dict() == {
        "Hibernating": 1335,
        "Loyal Customers": 688,
        "Champions": 604,
        "Potential Loyalists": 484,
        "About To Sleep": 478,
        "At Risk": 357,
        "Promising": 169,
        "Need Attention": 121,
        "New Customers": 67,
        "Can't Lose Them": 35,
    }


def test_uci_default_map_with_frequency_ranked_by_row_as_others_do(uci_customers):
    """The map is the usual one: with frequency ranked in row order, it gives the usual counts."""
    ranked = uci_customers.assign(orders=uci_customers["orders"].rank(method="first"))
    found = segment(score(ranked))["segment"]
    assert found.value_counts().to_dict() == {
        "Hibernating": 1071,
        "Loyal Customers": 819,
        "Champions": 633,
        "At Risk": 593,
        "Potential Loyalists": 484,
        "About To Sleep": 352,
        "Need Attention": 187,
        "Promising": 94,
        "Can't Lose Them": 63,
        "New Customers": 42,
    }
    champions = uci_customers[found == "Champions"]
    means = champions[["days_since_last", "orders", "total"]].mean()
    assert means.tolist() == pytest.approx([6.36, 12.41, 6857.94], abs=0.005001)
    assert (found != segment(score(uci_customers))["segment"]).sum() == 678


def test_uci_money_net_of_cancellations_moves_the_quintile_of_174(shared_data, uci_customers):
    log = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    net = (log["Quantity"] * log["UnitPrice"]).groupby(log["CustomerID"]).sum()
    after = uci_customers.assign(total=net.reindex(uci_customers.index))
    moved = score(after)["m_score"] != score(uci_customers)["m_score"]
    assert moved.sum() == 174
