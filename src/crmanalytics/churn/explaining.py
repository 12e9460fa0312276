"""What a fitted churn classifier says of its scores and of the columns it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from crmanalytics.churn.encoding import CategoryColumn
from crmanalytics.churn.reasons import reasons_of, shares_of
from crmanalytics.churn.sklearn_inputs import as_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmanalytics.churn.encoding import Encoder

__all__ = ["Explained"]


class Explained:
    """The part of a classifier that explains it; what it reads is there after a fit."""

    encoder_: Encoder
    _read: Callable[[Any], pd.DataFrame]

    def _of_frame(self, X: Any) -> pd.DataFrame:  # noqa: ANN401 - a frame
        """Return just the features, in the order of the fit."""
        check_is_fitted(self)
        frame, names = as_frame(X), getattr(self, "feature_names_in_", None)
        if frame is None:
            return pd.DataFrame(np.asarray(X))
        if names is None or any(name not in frame for name in names):
            return frame
        return frame[list(names)]

    def _fitting(self, X: Any) -> pd.DataFrame:  # noqa: ANN401 - a frame or an array
        return self._read(X if as_frame(X) is None else self._of_frame(X))

    def contributions(self, X: Any) -> pd.DataFrame:  # noqa: ANN401 - a frame or an array
        """Return what each feature adds to the raw score, beside that of an average customer.

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            Customers.

        Returns
        -------
        DataFrame
            On the index of X: ``baseline`` and one column per feature, in log-odds. A row's sum is
            its raw score, before calibration. Exact for a linear estimator; Shapley values of the
            trees for boosting.

        Raises
        ------
        ParameterError
            If the estimator is of another kind.
        """
        return shares_of(self, self._fitting(X))

    def reasons(
        self,
        X: Any,  # noqa: ANN401 - a frame or an array
        *,
        top: int = 3,
        raising: bool = False,
        words: Mapping[str, str] | None = None,
    ) -> pd.DataFrame:
        """Say in words what weighs most in each customer's score.

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            Customers.
        top : int
            How many reasons for each.
        raising : bool
            Whether only to give what raises the risk.
        words : mapping of str to str, optional
            How to speak of a feature, such as ``{"contract": "{value} contract"}``.

        Returns
        -------
        DataFrame
            One row per customer and reason: ``row`` (the index of X), ``rank``, ``feature``,
            ``value``, ``contribution`` (log-odds, on the scale of the raw score, before
            calibration) and ``reason``.

        Raises
        ------
        ParameterError
            If the estimator's score cannot be explained.
        """
        return reasons_of(self, self._fitting(X), top=top, raising=raising, words=words or {})

    def column_report(self, X: Any) -> pd.DataFrame:  # noqa: ANN401 - a frame or an array
        """Compare the columns of a frame with those of the training.

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            Customers.

        Returns
        -------
        DataFrame
            One row per feature: ``feature``, ``kind``, ``missing_in_training`` and ``missing``
            (shares), ``unseen`` (share of rows with a category that was never seen) and
            ``unseen_values`` (the first few of them).
        """
        frame = self._fitting(X)
        rows = []
        for column, name in zip(self.encoder_.columns, frame, strict=True):
            count, values = 0, list[str]()
            if isinstance(column, CategoryColumn):
                count, values = column.unseen(frame[name])
            kind = "category" if isinstance(column, CategoryColumn) else "number"
            gone = float(frame[name].isna().mean())
            shown = ", ".join(values[:3])
            rows.append((column.name, kind, column.missing, gone, count / len(frame), shown))
        names = ["feature", "kind", "missing_in_training", "missing", "unseen", "unseen_values"]
        return pd.DataFrame(rows, columns=names)
