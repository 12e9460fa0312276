"""Answers for a structural model: read from a survey, complete, and summed up as moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Shown
from crmanalytics.inference.sample import read_sample
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.inference.sample import Sample

    Floats = NDArray[np.float64]

__all__ = ["Answers", "Missing", "Moments", "Reading", "moments_of", "read_answers"]

Missing = Literal["refuse", "listwise", "mean"]


@dataclass(frozen=True)
class Reading:
    """How a survey was read: kept with a fit, so that refits and scores read alike.

    Parameters
    ----------
    weight, strata, clusters : str or None
        Columns of the sample's design.
    missing : {"refuse", "listwise", "mean"}
        What is done about missing answers.
    no_answer : tuple of float
        Codes that stand for no answer.
    scale : tuple of float or None
        Lowest and highest answer allowed.

    Examples
    --------
    >>> Reading(weight="w").missing
    'refuse'
    """

    weight: str | None = None
    strata: str | None = None
    clusters: str | None = None
    missing: Missing = "refuse"
    no_answer: tuple[float, ...] = ()
    scale: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Answers:
    """Complete answers of the rows that count.

    Parameters
    ----------
    sample : Sample
        All rows as read.
    kept : ndarray of bool, shape (all rows,)
        Rows that count: those with a weight, and complete where incomplete ones are left out.
    matrix : ndarray of shape (rows, items)
        Answers of the rows kept.
    weight : ndarray of shape (rows,)
        Weights of the rows kept.
    incomplete : int
        Rows with a missing answer.
    """

    sample: Sample
    kept: NDArray[np.bool_]
    matrix: Floats
    weight: Floats
    incomplete: int


@dataclass(frozen=True, eq=False, repr=False)
class Moments(Shown):
    """Means and covariances of items: all that a structural model needs of a survey.

    Parameters
    ----------
    items : tuple of str
        Names of the items.
    mean : ndarray of shape (items,)
        Means.
    covariance : ndarray of shape (items, items)
        Covariances, or correlations.
    n : int
        Respondents.
    n_effective : float
        The size of a sample without weights that would tell as much.
    n_missing : int
        Respondents with a missing answer.

    Raises
    ------
    ParameterError
        If shapes do not agree, or values are not those of a covariance matrix.

    Examples
    --------
    >>> published = Moments.of(["a", "b"], [[1.0, 0.5], [0.5, 1.0]], n=100)
    >>> published.mean.tolist(), published.n_effective
    ([0.0, 0.0], 100.0)
    """

    items: tuple[str, ...]
    mean: Floats
    covariance: Floats
    n: int
    n_effective: float
    n_missing: int = 0

    def _told(self) -> list[str]:
        effective = "" if self.n_effective == self.n else f", {self.n_effective:,.0f} effective"
        left = f", {self.n_missing:,} left out" if self.n_missing else ""
        return [f"Moments of {len(self.items)} items: {self.n:,} respondents{effective}{left}"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        spread = np.sqrt(np.diag(self.covariance))
        return {"": pd.DataFrame({"mean": self.mean, "deviation": spread}, index=[*self.items])}

    def __post_init__(self) -> None:
        size = len(self.items)
        if self.mean.shape != (size,) or self.covariance.shape != (size, size):
            raise ParameterError(
                f"moments of {size} items need as many means and a square matrix of covariances, "
                f"not {self.mean.shape} and {self.covariance.shape}"
            )
        finite = np.isfinite(self.mean).all() and np.isfinite(self.covariance).all()
        if not (finite and np.allclose(self.covariance, self.covariance.T)) or self.n < 2:
            raise ParameterError(
                "covariances must be finite and symmetric, means finite, and n at least 2"
            )

    @classmethod
    def of(
        cls, items: Sequence[str], covariance: ArrayLike, *, n: int, mean: ArrayLike | None = None
    ) -> Moments:
        """Make moments of a published matrix.

        Parameters
        ----------
        items : sequence of str
            Names of the items, in the matrix's order.
        covariance : array of shape (items, items)
            Covariances or correlations.
        n : int
            Respondents behind it.
        mean : array of shape (items,), optional
            Means, which an index needs; 0 otherwise.

        Returns
        -------
        Moments
            The moments.

        Examples
        --------
        >>> Moments.of(["a"], [[4.0]], n=9, mean=[7.0]).covariance.tolist()
        [[4.0]]
        """
        centre = np.zeros(len(items)) if mean is None else np.asarray(mean, dtype=np.float64)
        matrix = np.asarray(covariance, dtype=np.float64)
        return cls(tuple(items), centre, matrix, int(n), float(n))


def read_answers(survey: Any, items: Sequence[str], reading: Reading) -> Answers:  # noqa: ANN401 - any eager frame
    """Read the answers that a model needs, and settle what is missing.

    Raises
    ------
    InvalidValuesError
        If answers are missing and nothing was said about them, or too few rows are left.
    """
    one_of("missing", reading.missing, ("refuse", "listwise", "mean"))
    sample = read_sample(
        survey,
        list(items),
        scale=reading.scale,
        weight=reading.weight,
        strata=reading.strata,
        clusters=reading.clusters,
        no_answer=reading.no_answer,
    )
    values = np.column_stack([sample.answers(name) for name in items])
    void = np.isnan(values)
    kept = sample.weight > 0
    if reading.missing == "refuse":
        _refuse_missing(void, items)
    elif reading.missing == "listwise":
        kept = kept & ~void.any(axis=1)
    values, weight = values[kept], sample.weight[kept]
    if len(values) < 2:
        raise InvalidValuesError(
            f"survey has {len(values)} rows that count (complete, with a weight): a structural "
            "model needs many more."
        )
    if reading.missing == "mean":
        values = _filled(values, weight, items)
    return Answers(sample, kept, values, weight, int(void.any(axis=1).sum()))


def _refuse_missing(void: NDArray[np.bool_], items: Sequence[str]) -> None:
    counts = {name: int(k) for name, k in zip(items, void.sum(axis=0), strict=True) if k}
    if counts:
        rows = int(void.any(axis=1).sum())
        raise InvalidValuesError(
            f"survey has missing answers in {rows:,} of {len(void):,} rows (by item: {counts}). "
            "Say missing='listwise' to leave such rows out, or missing='mean' to put the item's "
            "mean in their place."
        )


def _filled(values: Floats, weight: Floats, items: Sequence[str]) -> Floats:
    void = np.isnan(values)
    known = np.where(void, 0.0, weight[:, None]).sum(axis=0)
    empty = [name for name, total in zip(items, known, strict=True) if total <= 0]
    if empty:
        raise InvalidValuesError(f"survey has no answers at all in {empty}: leave these items out.")
    mean = (np.where(void, 0.0, values) * weight[:, None]).sum(axis=0) / known
    return np.where(void, mean, values)


def moments_of(answers: Answers, items: Sequence[str]) -> Moments:
    """Sum answers up; covariances are divided by n - 1 (with weights: by their sum, likewise)."""
    weight, values = answers.weight, answers.matrix
    mean = weight @ values / weight.sum()
    away = values - mean
    n = len(weight)
    covariance = (away * weight[:, None]).T @ away / weight.sum() * (n / (n - 1))
    still = [name for name, k in zip(items, np.ptp(values, axis=0), strict=True) if k == 0]
    if still:
        raise InvalidValuesError(
            f"all answers are the same in {still}: what does not vary correlates with nothing. "
            "Leave these items out."
        )
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return Moments(tuple(items), mean, covariance, n, effective, answers.incomplete)
