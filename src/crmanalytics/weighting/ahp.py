"""Weights from judgements of pairs: the analytic hierarchy process, with its consistency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    column_names,
    frame_like,
    with_parameters,
)
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["RANDOM_INDEX", "ahp", "consistency"]

Method = Literal["eigenvector", "geometric"]

#: Saaty's mean consistency index of random judgements, for 1, 2, ... 15 criteria.
RANDOM_INDEX: Final = (
    0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
)  # fmt: skip

_RECIPROCAL: Final = 1e-6
_ROUNDING: Final = 1e-12


def ahp(
    judgements: Any,  # noqa: ANN401 - any eager frame
    *,
    method: Method = "eigenvector",
    random_index: float | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Weigh criteria by judging pairs of them, each so many times as important as the other.

    Parameters
    ----------
    judgements : DataFrame of shape (criteria, criteria)
        The columns are the criteria, the rows are the same ones in the same order. The entry in
        row i and column j says how many times as important i is as j, by Saaty's scale from 1/9 to
        9; the entry in row j and column i is its inverse.
    method : {"eigenvector", "geometric"}
        Saaty's principal eigenvector, or the geometric means of the rows.
    random_index : float, optional
        Consistency index of random judgements, to divide by; Saaty's table by default, which goes
        up to 15 criteria.

    Returns
    -------
    DataFrame
        Of the same kind: ``criterion`` and ``weight``. For pandas ``attrs["crmanalytics"]`` keeps
        the method and the consistency; see :func:`consistency` for other frames.

    Raises
    ------
    DataError
        If the matrix is not square, positive and reciprocal; all wrong pairs are counted.
    ParameterError
        If the method is unknown.

    References
    ----------
    Saaty, T. L. (1980), *The Analytic Hierarchy Process*, McGraw-Hill.
    Crawford, G. and Williams, C. (1985), A note on the analysis of subjective judgment matrices,
    *Journal of Mathematical Psychology* 29, 387-405 (geometric means).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.weighting import ahp
    >>> pairs = pd.DataFrame({"margin": [1, 1 / 3], "growth": [3, 1]})
    >>> ahp(pairs)
      criterion  weight
    0    margin    0.75
    1    growth    0.25
    """
    one_of("method", method, ("eigenvector", "geometric"))
    own, matrix = _admitted(judgements)
    principal, largest = _principal(matrix)
    weights = principal if method == "eigenvector" else _geometric(matrix)
    made = frame_like(own, {c.CRITERION: list(own.columns), c.WEIGHT: weights})
    return with_parameters(made, method=method, **_evidence(len(matrix), largest, random_index))


def consistency(judgements: Any, *, random_index: float | None = None) -> Any:  # noqa: ANN401 - any eager frame, and one of its kind
    """Say whether judgements of pairs contradict one another, and which of them does so most.

    Parameters
    ----------
    judgements : DataFrame of shape (criteria, criteria)
        As for :func:`ahp`.
    random_index : float, optional
        As for :func:`ahp`.

    Returns
    -------
    DataFrame
        One row: ``criteria``, ``largest_eigenvalue``, ``consistency_index`` (eigenvalue less n, by
        n - 1), ``random_index``, ``consistency_ratio`` (the two divided; Saaty accepts up to 0.10),
        and the judgement to think about again: ``row``, ``column``, ``judged`` and ``implied``, the
        ratio of the two weights.

    Raises
    ------
    DataError
        If the matrix is not square, positive and reciprocal.

    References
    ----------
    Saaty, T. L. (1980), *The Analytic Hierarchy Process*, McGraw-Hill.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.weighting import consistency
    >>> pairs = pd.DataFrame({"a": [1, 1 / 2, 1 / 8], "b": [2, 1, 1 / 4], "c": [8, 4, 1]})
    >>> consistency(pairs)[["criteria", "consistency_ratio"]]
       criteria  consistency_ratio
    0         3                0.0
    """
    own, matrix = _admitted(judgements)
    weights, largest = _principal(matrix)
    implied = weights[:, None] / weights[None, :]
    strain = np.triu(np.abs(np.log(matrix / implied)), 1)
    row, column = (int(k) for k in np.unravel_index(np.argmax(strain), strain.shape))
    found = {
        "criteria": len(matrix),
        **_evidence(len(matrix), largest, random_index),
        "row": own.columns[row],
        "column": own.columns[column],
        "judged": float(matrix[row, column]),
        "implied": float(implied[row, column]),
    }
    return frame_like(own, {name: [value] for name, value in found.items()})


def _admitted(judgements: Any) -> tuple[nw.DataFrame[Any], Floats]:  # noqa: ANN401 - any eager frame
    names = column_names(judgements)
    columns = tuple(Column(name, Kind.NUMBER, strictly_positive=True) for name in names)
    own = admit_eager(judgements, Contract("judgements", columns))
    if not names or len(own) != len(names):
        raise InvalidValuesError(
            f"judgements must be square: it has {len(own)} rows and {len(names)} columns. Keep the "
            "names of criteria in the columns (and the index), not in a column of their own."
        )
    matrix = np.column_stack([as_float(own, name) for name in names])
    _require_reciprocal(matrix, names)
    return own, matrix


def _require_reciprocal(matrix: Floats, names: list[str]) -> None:
    wrong = np.argwhere(np.triu(np.abs(matrix * matrix.T - 1) > _RECIPROCAL))
    if len(wrong):
        pairs = [(names[int(i)], names[int(j)]) for i, j in wrong[:3]]
        raise InvalidValuesError(
            "judgements must be reciprocal, with 1 on the diagonal: "
            f"{len(wrong)} pairs are not (first: {pairs}). Set the one entry to 1 / the other."
        )


def _principal(matrix: Floats) -> tuple[Floats, float]:
    """Return the principal eigenvector, which sums to one, and its eigenvalue."""
    values, vectors = np.linalg.eig(matrix)
    place = int(np.argmax(values.real))
    vector = np.abs(vectors[:, place].real)
    return vector / vector.sum(), float(values[place].real)


def _geometric(matrix: Floats) -> Floats:
    means = np.exp(np.log(matrix).mean(axis=1))
    return np.asarray(means / means.sum())


def _evidence(n: int, largest: float, random_index: float | None) -> Mapping[str, float]:
    if random_index is None and n > len(RANDOM_INDEX):
        raise ParameterError(f"Saaty's table ends at 15 criteria: give random_index for {n}")
    divisor = RANDOM_INDEX[n - 1] if random_index is None else random_index
    index = 0.0 if n < 3 else max(0.0, (largest - n) / (n - 1))
    index = 0.0 if index < _ROUNDING else index  # what rounding leaves is no contradiction
    return {
        "largest_eigenvalue": largest,
        "consistency_index": index,
        "random_index": float(divisor),
        "consistency_ratio": index / divisor if index and divisor > 0 else 0.0,
    }
