"""Splits of a panel by time: what is learned from was known when the test began."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.windows import whole_days
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_numpy
from crmanalytics.transactions.units import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.churn.windows import Span

    Ints = NDArray[np.int64]

__all__ = ["PANEL", "SnapshotSplit"]

PANEL = Contract(
    frame="panel", columns=(Column(c.SNAPSHOT, Kind.DATE), Column(c.OUTCOME_END, Kind.DATE))
)


@dataclass(frozen=True, eq=False)
class SnapshotSplit:
    """Split a panel by time, as scikit-learn's cross-validation wants it.

    Each fold is tested on one snapshot, and trained on rows whose outcome window had ended by
    then, less the days of embargo: their labels were known. Rows of a panel whose outcome windows
    reach into the test are left out of both sides.

    Parameters
    ----------
    panel : DataFrame
        What :func:`panel` returned, or any frame with ``snapshot`` and ``outcome_end``. Features
        are not looked at: pass the same rows, in the same order, to the estimator.
    n_splits : int, optional
        How many of the latest snapshots are tested; all that leave something to learn from if
        not given.
    embargo : int, str or timedelta
        Days to be left free between outcome windows that are learned from and the test.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    >>> rows = pd.DataFrame({"snapshot": days, "outcome_end": days + pd.Timedelta(days=31)})
    >>> [(train.tolist(), test.tolist()) for train, test in SnapshotSplit(rows).split()]
    [([0], [1]), ([0], [2])]

    The outcome window of 1 February ends on 3 March: it was not known on the 1st.
    """

    panel: Any = field(repr=False)
    n_splits: int | None = None
    embargo: Span = 0

    def __post_init__(self) -> None:
        self._folds()

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ANN401, ARG002 - the signature of scikit-learn
        """Return the number of folds.

        Examples
        --------
        >>> import pandas as pd
        >>> days = pd.to_datetime(["2024-01-01", "2024-03-01"])
        >>> rows = pd.DataFrame({"snapshot": days, "outcome_end": days + pd.Timedelta(days=31)})
        >>> SnapshotSplit(rows).get_n_splits()
        1
        """
        return len(self._folds()[2])

    def split(
        self,
        X: Any = None,  # noqa: ANN401 - the signature of scikit-learn
        y: Any = None,  # noqa: ANN401, ARG002
        groups: Any = None,  # noqa: ANN401, ARG002
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield the places of the rows to learn from and of those to test on, the oldest first.

        Examples
        --------
        >>> import pandas as pd
        >>> days = pd.to_datetime(["2024-01-01", "2024-03-01"])
        >>> rows = pd.DataFrame({"snapshot": days, "outcome_end": days + pd.Timedelta(days=31)})
        >>> train, test = next(SnapshotSplit(rows).split(rows))
        >>> train.tolist(), test.tolist()
        ([0], [1])
        """
        snapshots, known, tested = self._folds()
        if X is not None and len(X) != len(snapshots):
            raise ParameterError(
                f"X must have the rows of the panel that the split was made of: it has {len(X):,} "
                f"rows, and the panel {len(snapshots):,}"
            )
        for day in tested:
            yield np.flatnonzero(known <= day), np.flatnonzero(snapshots == day)

    def _folds(self) -> tuple[Ints, Ints, list[int]]:
        """Return each row's snapshot, the day its label was known, and the days to test on."""
        own = admit_eager(self.panel, PANEL)
        snapshots, ends = (
            as_numpy(own, name).astype("M8[D]").astype(np.int64)
            for name in (c.SNAPSHOT, c.OUTCOME_END)
        )
        known = ends + whole_days(self.embargo, "embargo")
        first = int(known.min()) if len(known) else 0
        possible = [int(day) for day in np.unique(snapshots) if day >= first]
        wanted = len(possible) if self.n_splits is None else self.n_splits
        if not 1 <= wanted <= len(possible):
            raise ParameterError(
                f"n_splits must be from 1 to {len(possible)}, the snapshots by which the first "
                f"outcome window had ended (on {as_text(first)}), not {self.n_splits}: take "
                "snapshots further apart, a shorter horizon or a shorter embargo"
            )
        return snapshots, known, possible[len(possible) - wanted :]
