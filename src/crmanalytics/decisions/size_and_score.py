"""Big is not the same as good: size beside score, as figures and as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.decisions.axis import axis_at
from crmanalytics.decisions.scorecard import check_share, core_of
from crmanalytics.decisions.two_way import two_way
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, frame_like
from crmanalytics.frames import with_parameters as keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crmanalytics.decisions.axis import Axis, Cut

    Floats = NDArray[np.float64]

__all__ = ["SIZE_RULES", "rank_correlation", "size_and_score", "size_matrix"]

#: (score, size) to field.
SIZE_RULES: Final[dict[tuple[str, str], str]] = {
    ("high", "high"): "big and good",
    ("high", "low"): "small but good",
    ("low", "high"): "big but not good",
    ("low", "low"): "small and not good",
}


def size_matrix(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    size: str = c.TOTAL,
    score: str = "score",
    size_from: Cut | Axis = "median",
    score_from: Cut | Axis = "median",
    rules: Mapping[tuple[str, str], str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find small customers who are good, and big ones who are not.

    Parameters
    ----------
    scored : DataFrame
        What :func:`scorecard` returned; `size` should not be among its criteria, or the two are
        alike by construction.
    size, score : str
        The columns.
    size_from, score_from : {"median", "mean"}, float or Axis
        From where on each is high.
    rules : mapping, optional
        Other fields, by (level of score, level of size); :data:`SIZE_RULES` by default.

    Returns
    -------
    DataFrame
        As :func:`two_way` returns it; the field is ``selection``.

    Raises
    ------
    DataError, ParameterError
        As for :func:`two_way`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import size_matrix
    >>> scored = pd.DataFrame({"total": [900.0, 80.0, 10.0], "score": [0.2, 0.9, 0.1]})
    >>> size_matrix(scored, size_from=100.0, score_from=0.5)["selection"].tolist()
    ['big but not good', 'small but good', 'small and not good']
    """
    up, across = axis_at(scored, score, score_from), axis_at(scored, size, size_from)
    return two_way(scored, up, across, rules or SIZE_RULES, name="selection")


def size_and_score(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    size: str = c.TOTAL,
    score: str = "score",
    core: float = 0.2,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how far the biggest customers are from being the best ones.

    Parameters
    ----------
    scored : DataFrame
        What :func:`scorecard` returned.
    size, score : str
        The columns.
    core : float
        Share of customers on either list.

    Returns
    -------
    DataFrame
        One row: ``customers``; ``correlation`` of the ranks by size and by score (missing where
        all are alike in one of them); ``biggest`` and ``best`` (customers on each list; ties make
        them longer), ``both`` (on the two lists), ``big_not_best`` and ``best_not_big``;
        ``overlap`` (share of the best who are among the biggest) and ``expected_overlap`` (what
        chance would give); ``size_of_biggest`` and ``size_of_best`` (shares of the total size;
        missing where it is not positive).

    Raises
    ------
    DataError
        If columns or values are missing, or there is no customer.
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import size_and_score
    >>> scored = pd.DataFrame({"total": [900.0, 80.0, 20.0], "score": [0.2, 0.9, 0.1]})
    >>> size_and_score(scored, core=0.3)[["both", "best_not_big", "size_of_best"]]
       both  best_not_big  size_of_best
    0     0             1          0.08
    """
    check_share(core)
    columns = (Column(size, Kind.NUMBER), Column(score, Kind.NUMBER))
    own = admit_eager(scored, Contract("scored", columns, names_row_by=c.CUSTOMER_ID))
    if not len(own):
        raise InvalidValuesError("scored has no rows: there is nobody to compare")
    money, points = as_float(own, size), as_float(own, score)
    big, best = core_of(money, core), core_of(points, core)
    both = int((big & best).sum())
    total = float(np.sort(money).sum())
    held = [
        float(np.sort(money[each]).sum()) / total if total > 0 else np.nan for each in (big, best)
    ]
    row = {
        "customers": len(own),
        "correlation": rank_correlation(money, points),
        "biggest": int(big.sum()),
        "best": int(best.sum()),
        "both": both,
        "big_not_best": int(big.sum()) - both,
        "best_not_big": int(best.sum()) - both,
        "overlap": both / int(best.sum()),
        "expected_overlap": float(big.mean()),
        "size_of_biggest": held[0],
        "size_of_best": held[1],
    }
    made = frame_like(own, {name: [value] for name, value in row.items()})
    return keep(made, size=size, score=score, core=core)


def rank_correlation(first: Floats, second: Floats) -> float:
    """Return Spearman's correlation, with mean ranks for ties; missing where all are alike.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([5.0, 7.0, 8.0]))
    1.0
    """
    from scipy.stats import rankdata

    ranks = [rankdata(each) - (len(each) + 1) / 2 for each in (first, second)]
    width = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float((ranks[0] * ranks[1]).sum() / width) if width > 0 else float("nan")
