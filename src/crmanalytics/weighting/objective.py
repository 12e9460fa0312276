"""Weights from the data: a criterion counts for as much as it tells the alternatives apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.weighting.table import criteria_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["critic", "critic_weights", "entropy", "entropy_weights", "equal"]

_ROUNDING = 1e-13


def equal(criteria: Sequence[str]) -> Any:  # noqa: ANN401 - a pandas frame
    """Give each criterion the same weight.

    Parameters
    ----------
    criteria : sequence of str
        The criteria, each once.

    Returns
    -------
    pandas.DataFrame
        ``criterion`` and ``weight``.

    Raises
    ------
    ParameterError
        If there is none or one is named twice.

    Examples
    --------
    >>> equal(["margin", "growth"])["weight"].tolist()
    [0.5, 0.5]
    """
    import pandas as pd

    names = list(criteria)
    if not names or len(set(names)) != len(names):
        raise ParameterError(f"criteria must name at least one, each once: {names}")
    made = pd.DataFrame({c.CRITERION: names, c.WEIGHT: np.full(len(names), 1 / len(names))})
    return with_parameters(made, method="equal")


def entropy(alternatives: Any, criteria: Sequence[str] | None = None) -> Any:  # noqa: ANN401 - any eager frame, and one of its kind
    """Weigh criteria by how unequally the alternatives share in them.

    A criterion of which all alternatives have the same gets no weight.

    Parameters
    ----------
    alternatives : DataFrame of shape (alternatives, ...)
        One row per alternative; a customer, for example.
    criteria : sequence of str, optional
        Columns of numbers that are not negative, on a scale with a true zero; all by default.

    Returns
    -------
    DataFrame
        Of the same kind, one row per criterion: ``criterion``, ``weight`` and ``entropy`` (1 where
        all have the same, 0 where one has everything).

    Raises
    ------
    DataError
        If values are missing or negative, a criterion sums to zero, or none tells the alternatives
        apart.

    References
    ----------
    Shannon's entropy as used by Hwang, C.-L. and Yoon, K. (1981), *Multiple Attribute Decision
    Making*, Springer, section 2.3: E = -sum p ln p / ln n and w proportional to 1 - E.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.weighting import entropy
    >>> phones = pd.DataFrame({"price": [250, 200, 300], "memory": [16, 16, 32]})
    >>> entropy(phones).round(4)
      criterion  weight  entropy
    0     price  0.1856   0.9878
    1    memory  0.8144   0.9464
    """
    names, values = criteria_of(alternatives, criteria)
    weights, found = entropy_weights(values, names)
    made = {c.CRITERION: names, c.WEIGHT: weights, "entropy": found}
    return with_parameters(_like(alternatives, made), method="entropy")


def critic(
    alternatives: Any,  # noqa: ANN401 - any eager frame
    criteria: Sequence[str] | None = None,
    *,
    costs: Collection[str] = (),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Weigh criteria by their spread and by how little they repeat one another (CRITIC).

    Parameters
    ----------
    alternatives : DataFrame of shape (alternatives, ...)
        One row per alternative; a customer, for example.
    criteria : sequence of str, optional
        Columns of numbers; all by default. Negative values are allowed.
    costs : collection of str
        Criteria of which less is better.

    Returns
    -------
    DataFrame
        Of the same kind, one row per criterion: ``criterion``, ``weight``, ``spread`` (standard
        deviation of the criterion scaled to 0..1) and ``conflict`` (sum of 1 - correlation with the
        criteria). A criterion that is the same everywhere has neither, and no weight.

    Raises
    ------
    DataError
        If values are missing or no criterion tells the alternatives apart.
    ParameterError
        If a cost is not among the criteria.

    References
    ----------
    Diakoulaki, D., Mavrotas, G. and Papayannakis, L. (1995), Determining objective weights in
    multiple criteria problems: the CRITIC method, *Computers & Operations Research* 22, 763-770,
    equations 4 to 6.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.weighting import critic
    >>> phones = pd.DataFrame({"price": [250, 200, 300], "memory": [16, 16, 32]})
    >>> critic(phones, costs=["price"]).round(4)
      criterion  weight  spread  conflict
    0     price  0.4641  0.5000     1.866
    1    memory  0.5359  0.5774     1.866
    """
    names, values = criteria_of(alternatives, criteria)
    strange = sorted(set(costs) - set(names))
    if strange:
        raise ParameterError(f"costs must be among the criteria, which {strange} are not")
    turned = np.array([name in costs for name in names])
    weights, spread, conflict = critic_weights(values, names, turned)
    made = {c.CRITERION: names, c.WEIGHT: weights, "spread": spread, "conflict": conflict}
    return with_parameters(_like(alternatives, made), method="critic", costs=sorted(costs))


_ALIKE = "all alternatives are alike in {0}: nothing tells them apart. Use equal(...) instead."


def entropy_weights(values: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Return weights and entropies of criteria, from values (alternatives, criteria).

    Examples
    --------
    >>> entropy_weights(np.array([[1.0, 5.0], [3.0, 5.0]]), ["a", "b"])[0].tolist()
    [1.0, 0.0]
    """
    negative = [name for name, x in zip(names, values.T, strict=True) if x.min() < 0]
    empty = [name for name, x in zip(names, values.T, strict=True) if x.sum() == 0]
    if negative or empty:
        raise InvalidValuesError(
            f"entropy needs criteria that are not negative {negative} and do not sum to zero "
            f"{empty}: use critic(...), or leave them out."
        )
    share = values / values.sum(axis=0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    found = -(share * logs).sum(axis=0) / np.log(len(values))
    return _normalised(1 - found, names), found


def critic_weights(
    values: Floats, names: Sequence[str], turned: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Return weights, spread and conflict of criteria; of those turned, less is better.

    Examples
    --------
    >>> values = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> critic_weights(values, ["a", "b"], np.array([False, False]))[0].tolist()
    [1.0, 0.0]
    """
    width = np.ptp(values, axis=0)
    varies = width > 0
    if not varies.any():
        raise InvalidValuesError(_ALIKE.format(names))
    scaled = (values - values.min(axis=0)) / np.where(varies, width, 1.0)
    scaled = np.where(turned, 1 - scaled, scaled)
    spread = np.where(varies, scaled.std(axis=0, ddof=1), 0.0)
    conflict = np.zeros(len(names))
    alike = np.atleast_2d(np.corrcoef(scaled[:, varies].T))
    conflict[varies] = (1 - alike).sum(axis=0)
    # a criterion alone conflicts with nothing, and still has all of the weight
    worth = spread * conflict if conflict.max() > _ROUNDING else spread
    return _normalised(worth, names), spread, conflict


def _normalised(worth: Floats, names: Sequence[str]) -> Floats:
    kept = np.where(worth > _ROUNDING, worth, 0.0)
    if not kept.any():
        raise InvalidValuesError(_ALIKE.format(names))
    return np.asarray(kept / kept.sum())


def _like(alternatives: Any, made: dict[str, Any]) -> Any:  # noqa: ANN401 - native frames
    return frame_like(nw.from_native(alternatives, eager_only=True), made)
