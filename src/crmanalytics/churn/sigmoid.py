"""Calibration: from raw scores to probabilities that come true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Calibrator", "Method", "learn_calibrator"]

Method = Literal["sigmoid", "isotonic", "none"]


@dataclass(frozen=True)
class Calibrator:
    """How raw scores, which are log-odds, become the log-odds of calibrated probabilities.

    Parameters
    ----------
    method : {"sigmoid", "isotonic", "none"}
        A straight line, a rising curve through points, or as they are.
    slope, intercept : float
        Of the line.
    at, log_odds : tuple of float
        The points of the curve.
    rows : int
        How many rows it was learnt from.

    Examples
    --------
    >>> Calibrator("sigmoid", 0.5, 1.0).log_odds_of(np.array([2.0]))
    array([2.])
    """

    method: Method = "none"
    slope: float = 1.0
    intercept: float = 0.0
    at: tuple[float, ...] = ()
    log_odds: tuple[float, ...] = ()
    rows: int = 0

    def log_odds_of(self, raw: Floats) -> Floats:
        """Return the calibrated log-odds of raw scores."""
        if self.method == "isotonic":
            return np.interp(raw, self.at, self.log_odds)
        return self.slope * raw + self.intercept

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Calibrator:
        """Make a calibrator of its fields."""
        at, odds = (tuple(float(each) for each in body[name]) for name in ("at", "log_odds"))
        if body["method"] not in ("sigmoid", "isotonic", "none"):
            raise ValueError(f"unknown calibration {body['method']!r}")
        slope, intercept = float(body["slope"]), float(body["intercept"])
        return cls(body["method"], slope, intercept, at, odds, int(body["rows"]))


def learn_calibrator(raw: Floats, churned: Floats, method: Method) -> Calibrator:
    """Learn how raw scores of rows that they had not seen relate to what happened there.

    References
    ----------
    Platt, J. (1999), "Probabilistic outputs for support vector machines and comparisons to
    regularized likelihood methods", with his smoothed targets.
    """
    if method == "none" or churned.min() == churned.max():
        return Calibrator()
    return _isotonic(raw, churned) if method == "isotonic" else _line(raw, churned)


def _line(raw: Floats, churned: Floats) -> Calibrator:
    from scipy.optimize import minimize

    hits = churned.sum()
    wanted = np.where(churned > 0, (hits + 1) / (hits + 2), 1 / (len(raw) - hits + 2))
    scale = max(float(np.abs(raw).max()), 1e-12)
    scores = raw / scale

    def loss(line: Floats) -> tuple[float, Floats]:
        odds = line[0] * scores + line[1]
        excess = 0.5 * (1.0 + np.tanh(odds / 2.0)) - wanted
        value = np.logaddexp(0.0, odds) - wanted * odds
        return float(value.mean()), np.array([(excess * scores).mean(), excess.mean()])

    start = np.array([scale, 0.0])
    # a line that falls would turn the order round: a score that says nothing makes all alike
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)],
                     options={"gtol": 1e-10, "ftol": 1e-15})  # fmt: skip
    slope, intercept = float(found.x[0]) / scale, float(found.x[1])
    return Calibrator("sigmoid", slope, intercept, rows=len(raw))


def _isotonic(raw: Floats, churned: Floats) -> Calibrator:
    from sklearn.isotonic import IsotonicRegression

    edge = 1.0 / (len(raw) + 2)  # nothing is certain after so many rows
    model = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip").fit(raw, churned)
    share = np.asarray(model.y_thresholds_, dtype=np.float64)
    at = np.asarray(model.X_thresholds_, dtype=np.float64)
    odds = np.log(share) - np.log1p(-share)
    return Calibrator("isotonic", at=tuple(at.tolist()), log_odds=tuple(odds.tolist()),
                      rows=len(raw))  # fmt: skip
