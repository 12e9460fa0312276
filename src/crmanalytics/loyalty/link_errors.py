"""How sure the parameters of a link are, where customers are independent and where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.loyalty.link_forms import profile_breaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.loyalty.link_forms import Counts, Fitted
    from crmanalytics.loyalty.link_rows import LinkRows

    Floats = NDArray[np.float64]

__all__ = ["near_break", "parameter_errors"]


def parameter_errors(fitted: Fitted, counts: Counts, rows: LinkRows) -> tuple[Floats, Floats]:
    """Return the standard error of each parameter, and what share of the sample size is effective.

    Independent customers err as the information says; others as their influences add up within
    clusters and strata. Missing for parameters without a covariance, which have as much of the size
    as the last one that has it.

    References
    ----------
    Binder, D. A. (1983), "On the variances of asymptotically normal estimators from complex
    surveys", International Statistical Review 51(3), 279-292.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> from crmanalytics.loyalty.link_forms import logistic
    >>> from crmanalytics.loyalty.link_rows import link_rows
    >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4] * 9, "again": ([0] * 5 + [1] * 4) * 4})
    >>> rows = link_rows(read_sample(survey, ["happy", "again"]), 0, ("happy", "again"))
    >>> counts = rows.counts(1)
    >>> parameter_errors(logistic(counts), counts, rows)[0].round(2)
    array([0.82, 0.3 ])
    """
    errors, sizes = np.full(len(fitted.parameters), np.nan), np.ones(len(fitted.parameters))
    if fitted.covariance is None or fitted.influence is None:
        return errors, sizes
    known = np.diag(fitted.covariance)
    errors[: len(known)] = np.sqrt(known)
    if rows.dependent:
        for k, variance in enumerate(known):
            errors[k] = _error(fitted.influence[:, :, k], counts, rows)
            sizes[k:] = variance / errors[k] ** 2 if errors[k] > 0 else np.nan
    return errors, sizes


def near_break(counts: Counts, rows: LinkRows, size: float) -> tuple[float, float]:
    """Return the lowest and highest break that the likelihood does not rule out.

    Where customers depend on each other twice the fall of the log-likelihood is measured in units
    of the design effect of the break (Rao and Scott), which is 1 by the share of size effective.

    References
    ----------
    Rao, J. N. K. and Scott, A. J. (1984), "On chi-squared tests for multiway contingency tables
    with cell proportions estimated from survey data", Annals of Statistics 12(1), 46-60.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> from crmanalytics.loyalty.link_rows import link_rows
    >>> again = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1]
    >>> survey = pd.DataFrame({"happy": sorted([*range(6)] * 3), "again": again})
    >>> rows = link_rows(read_sample(survey, ["happy", "again"]), 0, ("happy", "again"))
    >>> near_break(rows.counts(1), rows, size=1.0)
    (1.0, 4.0)
    """
    breaks, heights = profile_breaks(counts)
    near = breaks[heights >= heights.max() - rows.quantile**2 / 2 / size]
    return float(near.min()), float(near.max())


def _error(influence: Floats, counts: Counts, rows: LinkRows) -> float:
    level = np.searchsorted(counts.levels, rows.given)
    outcome = np.searchsorted(np.unique(rows.came), rows.came)
    return rows.error(rows.weight * influence[level, outcome])
