"""Qini and uplift curves: what is gained by treating the customers of the highest scores first.

Packages divide the area under these curves by different things and call all of them Qini. Here
what it is divided by has a name, and is an argument without default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.uplift.arms import Arms, read_experiment
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.churn.uplift.arms import Experiment

    Floats = NDArray[np.float64]
    Curve = Literal["qini", "gain"]
    Normalization = Literal["responses", "per_customer", "end", "perfect", "perfect_without_harm"]

__all__ = ["area_of", "auuc", "check_normalization", "qini", "uplift_curve"]

_NORMALIZATIONS = ("responses", "per_customer", "end", "perfect", "perfect_without_harm")


def uplift_curve(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    curve: Curve = "qini",
    points: int | None = None,
    treatment: str = c.TREATED,
    score: str = c.UPLIFT,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Draw up what is gained by treating from the highest score down.

    Parameters
    ----------
    experiment : DataFrame of shape (customers, ...)
        One row per customer of an experiment in which chance decided who is treated.
    outcome : str
        Column of the outcome: flags, or numbers such as money.
    curve : {"qini", "gain"}
        Count what the treated customers gained, the control customers scaled to their number
        (Radcliffe's curve); or the difference of the means, times all customers treated so far.
    points : int, optional
        Read the curve off at this many equal steps, 2 or more. Without it there is a point for
        each distinct score: straight in between, so that ties need no order.
    treatment, score, weight : str
        Columns: who was treated, what to sort by, and for how many customers the row stands.

    Returns
    -------
    DataFrame
        Of the same kind, from the origin on: ``customers`` and ``customer_share`` so far,
        ``gained`` and ``random`` (what treating as many at random would have gained). For pandas
        ``attrs["crmanalytics"]`` keeps `outcome`, `curve`, `points` and `weight`.

    Raises
    ------
    DataError
        If columns or values are missing, or an arm is empty.
    ParameterError
        If `curve` or `points` is none.

    References
    ----------
    Radcliffe, N. J. (2007), "Using control groups to target on predicted lift: building and
    assessing uplift models", Direct Marketing Analytics Journal 1, 14-21.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {"treated": [1, 0, 1, 0], "visit": [1, 0, 1, 1], "uplift": [0.9, 0.9, 0.1, 0.1]}
    ... )
    >>> uplift.uplift_curve(experiment, outcome="visit")
       customers  customer_share  gained  random
    0        0.0             0.0     0.0     0.0
    1        2.0             0.5     1.0     0.5
    2        4.0             1.0     1.0     1.0
    """
    if points is not None and points < 2:
        raise ParameterError(f"points must be 2 or more, not {points!r}")
    one_of("curve", curve, ("qini", "gain"))
    rows = read_experiment(
        experiment, outcome=outcome, treatment=treatment, score=score, weight=weight
    )
    arms = rows.arms()
    across, up = arms.reached(), _heights(arms, curve)
    if points is not None:
        at = np.linspace(0.0, across[-1], points)
        across, up = at, np.interp(at, across, up)
    share = across / across[-1]
    table = {"customers": across, "customer_share": share, "gained": up, "random": share * up[-1]}
    return with_parameters(
        frame_like(rows.own, table), outcome=outcome, curve=curve, points=points, weight=weight
    )


def qini(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    normalization: Normalization,
    treatment: str = c.TREATED,
    score: str = c.UPLIFT,
    weight: str | None = None,
) -> float:
    """Return the Qini coefficient: the area between Radcliffe's curve and treating at random.

    Parameters
    ----------
    experiment, outcome, treatment, score, weight
        As for :func:`uplift_curve`.
    normalization : str
        What the area is divided by, customers and outcomes being counted:

        - ``"responses"``: the customers; the mean number of outcomes gained over random. Some
          packages take the mean over the points of the curve instead, one more than customers.
        - ``"per_customer"``: the square of the customers; does not depend on their number.
        - ``"end"``: customers times the outcomes gained by treating everybody.
        - ``"perfect"``: the area of the curve that puts treated customers with the outcome first
          and control customers with it last. For outcomes of 1 and 0.
        - ``"perfect_without_harm"``: the area of a curve that gains by the first customers all
          that treating everybody gains, one each, and nothing afterwards.

    Returns
    -------
    float
        0 for a score that says nothing. Missing where what it is divided by is 0.

    Raises
    ------
    DataError
        As for :func:`uplift_curve`, or if a perfect curve is asked for of another outcome.
    ParameterError
        If the normalization is none.

    References
    ----------
    Radcliffe (2007), as for :func:`uplift_curve`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {"treated": [1, 0, 1, 0], "visit": [1, 0, 1, 1], "uplift": [0.9, 0.9, 0.1, 0.1]}
    ... )
    >>> uplift.qini(experiment, outcome="visit", normalization="responses")
    0.25
    """
    rows = read_experiment(
        experiment, outcome=outcome, treatment=treatment, score=score, weight=weight
    )
    check_normalization(rows, normalization)
    return area_of(rows.arms(), "qini", normalization)


def auuc(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    normalization: Normalization,
    treatment: str = c.TREATED,
    score: str = c.UPLIFT,
    weight: str | None = None,
) -> float:
    """Return the area between the uplift curve (difference of means) and treating at random.

    Parameters
    ----------
    experiment, outcome, treatment, score, weight
        As for :func:`uplift_curve`.
    normalization : str
        As for :func:`qini`; the perfect curve puts treated customers with the outcome and control
        customers without it first, then (whichever makes it higher) those with the outcome, or
        the treated ones.

    Returns
    -------
    float
        0 for a score that says nothing.

    Raises
    ------
    DataError, ParameterError
        As for :func:`qini`.

    References
    ----------
    Devriendt, F., Moldovan, D. and Verbeke, W. (2018), "A literature survey and experimental
    evaluation of the state-of-the-art in uplift modeling", Big Data 6(1), 13-41.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {"treated": [1, 0, 1, 0], "visit": [1, 0, 1, 1], "uplift": [0.9, 0.9, 0.1, 0.1]}
    ... )
    >>> round(uplift.auuc(experiment, outcome="visit", normalization="perfect"), 4)
    0.6667
    """
    rows = read_experiment(
        experiment, outcome=outcome, treatment=treatment, score=score, weight=weight
    )
    check_normalization(rows, normalization)
    return area_of(rows.arms(), "gain", normalization)


def check_normalization(rows: Experiment, normalization: str) -> None:
    """Refuse a normalization that is none, or that the outcomes do not allow.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"treated": [1, 0], "bought": [1, 0]})
    >>> rows = read_experiment(frame, outcome="bought", treatment="treated")
    >>> check_normalization(rows, "perfect")
    """
    one_of("normalization", normalization, _NORMALIZATIONS)
    if normalization == "perfect" and not rows.is_binary():
        raise InvalidValuesError(
            "a perfect curve needs an outcome of 1 and 0: for money choose another normalization."
        )


def area_of(arms: Arms, curve: Curve, normalization: Normalization) -> float:
    """Return the area over random, divided as the normalization says; missing for 0 / 0.

    Examples
    --------
    >>> one, none = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    >>> arms = Arms(treated=one, control=none, gained=one, lost=none * 0)
    >>> area_of(arms, "qini", "per_customer"), area_of(arms, "qini", "perfect")
    (0.125, 1.0)
    """
    area, total, end = _area(arms, curve)
    by = {
        "responses": total,
        "per_customer": total**2,
        "end": total * abs(end),
        "perfect": _area(_perfect(arms, curve), curve)[0],
        "perfect_without_harm": end * total / 2.0 - end**2 / 2.0,
    }[normalization]
    return area / by if by else float("nan")


def _perfect(arms: Arms, curve: Curve) -> Arms:
    """Return the best order that the outcomes allow; it takes no more than four counts."""
    won, spoilt = float(arms.gained.sum()), float(arms.lost.sum())
    idle, quiet = float(arms.treated.sum()) - won, float(arms.control.sum()) - spoilt
    if curve == "qini":
        treated, control = [won, idle, 0.0], [0.0, quiet, spoilt]
        return Arms(*map(np.array, (treated, control, [won, 0.0, 0.0], [0.0, 0.0, spoilt])))
    third = [(0.0, spoilt, spoilt), (idle, 0.0, 0.0)]
    third = third if spoilt > idle else third[::-1]
    steps = [(won, 0.0, 0.0), (0.0, quiet, 0.0), *third]
    treated, control, lost = (list(each) for each in zip(*steps, strict=True))
    return Arms(*map(np.array, (treated, control, [won, 0.0, 0.0, 0.0], lost)))


def _area(arms: Arms, curve: Curve) -> tuple[float, float, float]:
    across, up = arms.reached(), _heights(arms, curve)
    total, end = float(across[-1]), float(up[-1])
    under = float(np.diff(across) @ (up[1:] + up[:-1])) / 2.0
    return under - end * total / 2.0, total, end


def _heights(arms: Arms, curve: Curve) -> Floats:
    return arms.qini() if curve == "qini" else arms.gain()
