"""Questions whose answers become shares or means: yes or no, from some answer on, or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference import estimate_means, estimate_proportions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample

    Floats = NDArray[np.float64]

__all__ = ["Asked", "columns_asked", "estimate_asked", "named"]

#: A column of yes and no (1 and 0, true and false); a column and the answer from which on it counts
#: as yes; or a column and "mean", where the mean of the answers is asked for.
Asked = str | tuple[str, float] | tuple[str, Literal["mean"]]


def columns_asked(asked: Iterable[Asked | None]) -> tuple[list[str], list[str]]:
    """Return the columns of numbers and those of yes and no that are asked for.

    Raises
    ------
    ParameterError
        If one is neither a column nor a column with the answer from which on it counts.

    Examples
    --------
    >>> columns_asked(["praised", None, ("rating", 8), ("price", "mean")])
    (['rating', 'price'], ['praised'])
    """
    numbers, flags = [], []
    for each in asked:
        if each is None:
            continue
        if isinstance(each, str):
            flags.append(each)
            continue
        sound = isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)
        if not sound or (isinstance(each[1], str) and each[1] != "mean"):
            raise ParameterError(
                f"ask for a column of yes and no, for (column, answer from which on it counts) or "
                f"for (column, 'mean'), not {each!r}"
            )
        numbers.append(each[0])
    return list(dict.fromkeys(numbers)), list(dict.fromkeys(flags))


def estimate_asked(sample: Sample, asked: Asked) -> Estimates:
    """Estimate the share of those who said yes, or the mean.

    Parameters
    ----------
    sample : Sample
        The checked survey.
    asked : str or tuple
        See :data:`Asked`.

    Returns
    -------
    Estimates
        One per group.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"rating": [9.0, 7.0, None, 8.0]}), "rating")
    >>> found = estimate_asked(sample, ("rating", 8))
    >>> found.estimate.round(3).tolist(), found.n_missing.tolist()
    ([0.667], [1.0])
    """
    if isinstance(asked, str):
        return estimate_proportions(sample, sample.answers(asked))
    answers = sample.answers(asked[0])
    if isinstance(asked[1], str):
        return estimate_means(sample, answers)
    hits = np.where(np.isnan(answers), np.nan, answers >= asked[1])
    return estimate_proportions(sample, hits)


def named(sample: Sample, column: str, names: Iterable[Any]) -> Floats:
    """Return who gave one of the names, 1 or 0, missing where there is no answer.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"first": ["us", None, "them"]}), by="first")
    >>> named(sample, "first", ["us"]).tolist()
    [1.0, nan, 0.0]
    """
    wanted = set(names)
    codes = set(sample.no_answer)
    hits = [
        np.nan if each is None or each != each or each in codes else float(each in wanted)  # noqa: PLR0124 - NaN
        for each in sample.own[column].to_list()
    ]
    return np.asarray(hits, dtype=float)
