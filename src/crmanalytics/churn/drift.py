"""Drift: whether scores and features are still what they were when a model was made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.binning import learn_bins
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, frame_like, with_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.churn.binning import ColumnBins

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["check_zero", "drift", "drift_table", "stability_index"]


def stability_index(expected: ArrayLike, actual: ArrayLike, *, zero: float = 0.5) -> float:
    """Return the population stability index of two distributions over the same bins.

    It is the sum over the bins of (a - e) ln(a / e), where e and a are the shares of the rows then
    and now. By a rule of thumb up to 0.1 is stable, and above 0.25 has changed; small samples
    exceed it by chance, see :func:`drift`.

    Parameters
    ----------
    expected, actual : array_like of shape (bins,)
        Rows in each bin, then and now; or shares, if no bin is empty.
    zero : float
        For how many rows an empty bin counts; 0 makes the index infinite where one of both is
        empty. Bins that are empty in both are left out.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the counts are none, not as many, or all zero.

    References
    ----------
    Kullback, S. and Leibler, R. A. (1951), "On information and sufficiency", Annals of Mathematical
    Statistics 22(1), 79-86: the divergence J; in credit scoring it is called PSI, e. g. by Siddiqi,
    N. (2006), *Credit Risk Scorecards*, Wiley.

    Examples
    --------
    >>> from crmanalytics.churn import stability_index
    >>> round(stability_index([20, 20, 20], [10, 20, 30]), 4)
    0.1831
    """
    then, now = (np.asarray(each, dtype=np.float64) for each in (expected, actual))
    good = then.ndim == 1 and then.shape == now.shape
    if not good or not all(
        np.isfinite(x).all() and (x >= 0).all() and x.any() for x in (then, now)
    ):
        raise ParameterError(
            "expected and actual must be counts of rows in the same bins, not all of them 0"
        )
    return float(_parts(then, now, check_zero(zero)).sum())


def drift(
    reference: Any,  # noqa: ANN401 - any eager frame
    current: Any,  # noqa: ANN401 - any eager frame
    columns: Sequence[str] | None = None,
    *,
    bins: int = 10,
    zero: float = 0.5,
    changed: tuple[float, float] = (0.1, 0.25),
) -> Any:  # noqa: ANN401 - a frame of the reference's kind
    """Report which scores and features have changed since a model was made, the most changed first.

    Parameters
    ----------
    reference : DataFrame
        What the model was made from.
    current : DataFrame
        What it is used on now.
    columns : sequence of str, optional
        Columns to compare; those of the reference that the other frame has as well, but for the
        customer, without it. Numbers and dates are cut into ranges, all else are categories.
    bins : int
        Ranges of about equally many rows of the reference. What is missing is a bin of its own,
        and so are all categories together that the reference does not know.
    zero : float
        For how many rows an empty bin counts; see :func:`stability_index`.
    changed : pair of float
        From which index on a column counts as shifted, and as changed.

    Returns
    -------
    DataFrame
        Of the reference's kind, one row per column: ``column``, ``kind`` (numbers, dates or
        categories), ``bins`` (that hold rows), ``psi``, ``by_chance`` (its mean if nothing has
        changed), ``p_value`` (of an index as large by chance), ``verdict`` ("stable", "shifted" or
        "changed"; "stable" as well if the p-value is above 0.01), ``missing_then``,
        ``missing_now`` (shares) and ``unknown`` (share of categories that the reference has not).
        For pandas ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError
        If a column is missing or a frame has no rows.
    ParameterError
        If `bins`, `zero` or `changed` is none.

    References
    ----------
    Yurdakul, B. (2018), *Statistical properties of population stability index*, dissertation,
    Western Michigan University: for n and m rows in b bins that are alike, PSI n m / (n + m) is
    distributed as chi-squared with b - 1 degrees of freedom.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import drift
    >>> then = pd.DataFrame({"plan": ["a", "b"] * 500, "tenure": range(1000)})
    >>> now = pd.DataFrame({"plan": ["a", "b"] * 500, "tenure": range(500, 1500)})
    >>> drift(then, now)[["column", "kind", "verdict"]]
       column        kind  verdict
    0  tenure     numbers  changed
    1    plan  categories   stable
    """
    low, high = _thresholds(changed)
    check_zero(zero)
    then, now, names = _both(reference, current, columns)
    found = [_report(learn_bins(then, name, bins), then, now, zero, (low, high)) for name in names]
    found.sort(key=lambda row: (-row["psi"], row["column"]))
    table = {key: [row[key] for row in found] for key in found[0]}
    return with_parameters(
        frame_like(then, table), columns=names, bins=bins, zero=zero, changed=[low, high]
    )


def drift_table(
    reference: Any,  # noqa: ANN401 - any eager frame
    current: Any,  # noqa: ANN401 - any eager frame
    column: str,
    *,
    bins: int = 10,
    edges: Sequence[float] | None = None,
    zero: float = 0.5,
) -> Any:  # noqa: ANN401 - a frame of the reference's kind
    """Show bin by bin how a column has changed.

    Parameters
    ----------
    reference, current, bins, zero
        As for :func:`drift`.
    column : str
        The column, such as the score.
    edges : sequence of float, optional
        Upper ends of the ranges, in place of such with equally many rows.

    Returns
    -------
    DataFrame
        Of the reference's kind, one row per bin that holds rows: ``bin``, ``then`` and ``now``
        (rows), ``share_then``, ``share_now`` and ``psi`` (the bin's part of the index).

    Raises
    ------
    DataError, ParameterError
        As for :func:`drift`, or if `edges` are none.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import drift_table
    >>> then = pd.DataFrame({"score": [0.1, 0.2, 0.3, 0.4]})
    >>> now = pd.DataFrame({"score": [0.2, 0.4, 0.4, None]})
    >>> drift_table(then, now, "score", edges=[0.25])[["bin", "then", "now"]]
              bin  then  now
    0  up to 0.25     2    1
    1  above 0.25     2    2
    2     missing     0    1
    """
    check_zero(zero)
    own, other, _ = _both(reference, current, [column])
    cut = learn_bins(own, column, bins, edges)
    then, now = _counts(cut, own), _counts(cut, other)
    held = (then > 0) | (now > 0)
    table = {
        "bin": [label for label, shown in zip(cut.labels, held, strict=True) if shown],
        "then": then[held],
        "now": now[held],
        "share_then": then[held] / then.sum(),
        "share_now": now[held] / now.sum(),
        "psi": _parts(then[held].astype(float), now[held].astype(float), zero),
    }
    return with_parameters(frame_like(own, table), column=column, bins=bins, zero=zero)


def check_zero(zero: float) -> float:
    """Return for how many rows an empty bin counts, or say why it cannot.

    Examples
    --------
    >>> check_zero(0.5)
    0.5
    """
    if isinstance(zero, bool) or not 0 <= zero < math.inf:
        raise ParameterError(f"zero must be a number of rows, 0 or more, not {zero!r}")
    return float(zero)


def _parts(then: Floats, now: Floats, zero: float) -> Floats:
    held = (then > 0) | (now > 0)
    parts = np.zeros(len(then))
    # an empty bin counts for so many rows; the other shares stay what they are
    e, a = (np.where(x == 0, zero, x)[held] / x.sum() for x in (then, now))
    with np.errstate(divide="ignore"):
        parts[held] = (a - e) * (np.log(a) - np.log(e))
    return parts


def _report(
    cut: ColumnBins,
    then: nw.DataFrame[Any],
    now: nw.DataFrame[Any],
    zero: float,
    changed: tuple[float, float],
) -> dict[str, Any]:
    from scipy.special import chdtrc

    e, a = _counts(cut, then), _counts(cut, now)
    used = int(((e > 0) | (a > 0)).sum())
    psi = float(_parts(e.astype(float), a.astype(float), zero).sum())
    n, m = int(e.sum()), int(a.sum())
    p_value = float(chdtrc(used - 1, psi * n * m / (n + m))) if used > 1 else 1.0
    verdict = "stable" if psi < changed[0] or p_value > 0.01 else "shifted"
    return {
        "column": cut.name,
        "kind": cut.kind,
        "bins": used,
        "psi": psi,
        "by_chance": (used - 1) * (1 / n + 1 / m),
        "p_value": p_value,
        "verdict": "changed" if verdict == "shifted" and psi >= changed[1] else verdict,
        "missing_then": e[-1] / n,
        "missing_now": a[-1] / m,
        "unknown": cut.unseen(now),
    }


def _counts(cut: ColumnBins, own: nw.DataFrame[Any]) -> Ints:
    return np.bincount(cut.numbers(own), minlength=len(cut.labels))


def _both(
    reference: Any,  # noqa: ANN401 - any eager frame
    current: Any,  # noqa: ANN401 - any eager frame
    columns: Sequence[str] | None,
) -> tuple[nw.DataFrame[Any], nw.DataFrame[Any], list[str]]:
    if isinstance(columns, str):
        raise ParameterError("columns must be a list of columns")
    frames = [
        admit_eager(x, Contract(n, ())) for x, n in zip((reference, current), _NAMES, strict=True)
    ]
    names = list(columns) if columns is not None else _common(*frames)
    if not names:
        raise ParameterError("there is no column to compare: name them in columns")
    wanted = tuple(Column(name, Kind.LABEL, nullable=True) for name in names)
    then, now = (
        admit_eager(x, Contract(n, wanted))
        for x, n in zip((reference, current), _NAMES, strict=True)
    )
    for own, name in ((then, _NAMES[0]), (now, _NAMES[1])):
        if not len(own):
            raise InvalidValuesError(f"{name} has no rows: there is nothing to compare.")
    return then, now, names


_NAMES = ("reference", "current")


def _common(then: nw.DataFrame[Any], now: nw.DataFrame[Any]) -> list[str]:
    return [name for name in then.columns if name in now.columns and name != c.CUSTOMER_ID]


def _thresholds(changed: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(each) for each in changed)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"changed must be two numbers, not {changed!r}") from error
    if not 0 < low <= high:
        raise ParameterError(f"changed must be two positive numbers that rise, not {changed!r}")
    return low, high
