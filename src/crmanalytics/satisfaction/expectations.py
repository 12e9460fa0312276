"""Expectation and perception: whether customers were given what they expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference import estimate_means, estimate_proportions, read_sample
from crmanalytics.satisfaction.laying import tidy_by_item

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.satisfaction.sample_options import SampleOptions

    Floats = NDArray[np.float64]

__all__ = ["disconfirmation", "gap_metrics", "paired_columns"]


def disconfirmation(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Mapping[str, tuple[str, str]],
    *,
    scale: tuple[float, float] | None = None,
    within: float = 0.0,
    **options: Unpack[SampleOptions],
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Compare what customers got with what they expected, item by item.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    items : mapping of str to pair of str
        Item to its columns: what was expected, and what was perceived, on the same scale.
    scale : tuple of float, optional
        Lowest and highest answer; others are an error.
    within : float
        Difference up to which an expectation counts as met.
    **options
        ``by``, ``weight``, ``strata``, ``clusters``, ``population``, ``raked``, ``base_weight``,
        ``no_answer``, ``level``: see :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    DataFrame
        Per group and item the tidy columns, of those who gave both answers, with the metrics
        ``expectation``, ``perception`` and ``disconfirmation`` (perception less expectation: above
        0 is better than expected), and the shares ``exceeded``, ``met`` and ``missed``.

    Raises
    ------
    DataError
        If columns are missing or answers off the scale.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Oliver, R. L. (1980), "A cognitive model of the antecedents and consequences of satisfaction
    decisions", Journal of Marketing Research 17(4), 460-469.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"hoped": [4, 4, 5, 3], "got": [5, 3, 3, 2]})
    >>> found = crm.satisfaction.disconfirmation(survey, {"speed": ("hoped", "got")})
    >>> found[["item", "metric", "estimate", "low", "high"]].round(2).iloc[2:4]
        item           metric  estimate   low  high
    2  speed  disconfirmation     -0.75 -2.75  1.25
    3  speed         exceeded      0.25  0.05  0.70
    """
    if not within >= 0:
        raise ParameterError(f"within must not be negative, not {within!r}")
    sample = read_sample(survey, paired_columns(items), scale=scale, **options)
    metrics: dict[tuple[str, ...], Estimates] = {}
    for item, (expected, perceived) in items.items():
        wanted, got = sample.answers(expected), sample.answers(perceived)
        for name, each in gap_metrics(sample, wanted, got, "disconfirmation").items():
            metrics[item, name] = each
        gap = got - wanted
        for name, hits in (("exceeded", gap > within), ("missed", gap < -within)):
            metrics[item, name] = _share(sample, gap, hits)
        metrics[item, "met"] = _share(sample, gap, np.abs(gap) <= within)
    return tidy_by_item(sample, metrics, ["item"])


def _share(sample: Sample, gap: Floats, hits: NDArray[np.bool_]) -> Estimates:
    return estimate_proportions(sample, np.where(np.isnan(gap), np.nan, hits))


def paired_columns(items: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the columns of pairs, each once, or say what is wrong with the pairs.

    Examples
    --------
    >>> paired_columns({"speed": ("e1", "p1"), "tone": ("e2", "p2")})
    ['e1', 'p1', 'e2', 'p2']
    """
    pairs = list(items.values())
    if not items or any(isinstance(pair, str) or len(pair) != 2 for pair in pairs):
        raise ParameterError(
            "items must map each item to two columns: what was expected and what was perceived"
        )
    return list(dict.fromkeys(name for pair in pairs for name in pair))


def gap_metrics(
    sample: Sample, expected: Floats, perceived: Floats, name: str = "gap"
) -> dict[str, Estimates]:
    """Estimate means of expectation, perception and their difference, of those who gave both.

    Examples
    --------
    >>> import pandas as pd
    >>> sample = read_sample(pd.DataFrame({"e": [3.0, 5.0], "p": [4.0, 4.0]}), ["e", "p"])
    >>> found = gap_metrics(sample, sample.answers("e"), sample.answers("p"))
    >>> {metric: each.estimate.item() for metric, each in found.items()}
    {'expectation': 4.0, 'perception': 4.0, 'gap': 0.0}
    """
    gap = perceived - expected
    both = ~np.isnan(gap)
    return {
        "expectation": estimate_means(sample, np.where(both, expected, np.nan)),
        "perception": estimate_means(sample, np.where(both, perceived, np.nan)),
        name: estimate_means(sample, gap),
    }
