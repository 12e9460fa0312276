"""Cross-selling, part one: how likely each customer is to adopt each product not yet owned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.tables import CUSTOMER_ROWS, admit_sorted
from crmanalytics.clv.discounting.tendencies import METHODS
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.frames.eager import frame_like
from crmanalytics.wording import no_column, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.clv.discounting.tendencies import Learned

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["Method", "adoption_calibration", "adoption_probabilities"]

Method = Literal["rate", "profile", "logistic"]

_FEWEST: Final = 2


@dataclass(frozen=True)
class _Holdings:
    """Who owns what, sorted by customer; and what they own later, where that is known."""

    own: nw.DataFrame[Any]
    customers: NDArray[Any]
    products: list[str]
    now: Mask
    later: Mask | None

    def lesson(self, j: int) -> tuple[Floats, Mask, Mask]:
        """Return what product j is learned from: other products owned, who counts, who adopts."""
        features = np.delete(self.now, j, axis=1).astype(float)
        if self.later is None:
            return features, np.ones(len(self.now), bool), self.now[:, j]
        return features, ~self.now[:, j], self.later[:, j]


def adoption_probabilities(
    ownership: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    method: Method,
    later: Any = None,  # noqa: ANN401 - any frame that narwhals knows
    products: Sequence[str] | None = None,
    prior_strength: float = 1.0,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Estimate how likely each customer is to adopt each product that he does not own yet.

    Parameters
    ----------
    ownership : DataFrame
        One row per customer: customer_id, and one column of 0 and 1 (or booleans) per product.
    method : {"rate", "profile", "logistic"}
        "rate": the same for all who lack the product, smoothed by half an adopter and half a
        refuser. "profile": the rate among customers who own the same other products, drawn
        towards the overall rate as if that had been seen `prior_strength` times. "logistic": a
        logistic regression on the other products owned, with a ridge of `prior_strength`.
    later : DataFrame, optional
        The same customers' ownership some time later. With it the probability is to adopt within
        that time, learned from those who did not own the product at first. Without it the
        probability is the share of alike customers who own the product today: where the
        customer will stand in the long run if he becomes like them, and so an upper bound for any
        shorter time.
    products : sequence of str, optional
        The product columns; by default all but the customer's.
    prior_strength : float
        How strongly to smooth; above 0.
    customer_id : str
        The frames' name of this column.

    Returns
    -------
    DataFrame
        One row per customer and product not owned: customer_id, product_id, probability,
        standard_error (of the estimate: the posterior's for "rate" and "profile", from the
        curvature of the penalised likelihood for "logistic").

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If a frame breaks its contract.
    ParameterError
        If an argument is unknown.
    ConvergenceError
        If the regression does not arrive.

    Examples
    --------
    >>> import pandas as pd
    >>> ownership = pd.DataFrame(
    ...     {"customer_id": [1, 2, 3, 4], "card": [1, 1, 0, 1], "loan": [1, 0, 0, 1]}
    ... )
    >>> adoption_probabilities(ownership, method="rate").round(3)
       customer_id product_id  probability  standard_error
    0            2       loan          0.5           0.204
    1            3       card          0.7           0.187
    2            3       loan          0.5           0.204
    """
    holdings = _holdings(ownership, later, products, customer_id)
    strength = _check(method, prior_strength)
    estimate = np.zeros(holdings.now.shape)
    error = np.zeros(holdings.now.shape)
    for j in range(len(holdings.products)):
        features, counted, adopted = holdings.lesson(j)
        model = METHODS[method](features[counted], adopted[counted], strength)
        estimate[:, j], error[:, j] = model.predict(features)
    owned = holdings.now if holdings.later is None else holdings.later | holdings.now
    rows, columns = np.nonzero(~owned)
    return frame_like(
        holdings.own,
        {
            c.CUSTOMER_ID: holdings.customers[rows],
            c.PRODUCT_ID: [holdings.products[j] for j in columns],
            c.PROBABILITY: estimate[rows, columns],
            c.STANDARD_ERROR: error[rows, columns],
        },
    )


def adoption_calibration(
    ownership: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    method: Method,
    later: Any = None,  # noqa: ANN401 - any frame that narwhals knows
    products: Sequence[str] | None = None,
    prior_strength: float = 1.0,
    bins: int = 5,
    folds: int = 5,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Check adoption probabilities against what happened, on customers left out of the estimate.

    Parameters
    ----------
    ownership, method, later, products, prior_strength, customer_id
        As in :func:`adoption_probabilities`.
    bins : int
        Into how many groups of rising predicted probability each product's customers go; alike
        predictions stay together.
    folds : int
        Into how many parts the customers are split; each part is predicted from the others.

    Returns
    -------
    DataFrame
        One row per product and bin: product_id, bin, customers, predicted (mean probability),
        observed (share that owns or adopts), standard_error (of the observed share, if the
        prediction is right).

    Raises
    ------
    ParameterError
        If there are fewer customers than folds, or an argument is out of bounds.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> card = np.tile([0, 1], 200)
    >>> loan = np.where(card == 1, np.arange(400) % 10 < 6, np.arange(400) % 10 < 2).astype(int)
    >>> ownership = pd.DataFrame({"customer_id": range(400), "card": card, "loan": loan})
    >>> table = adoption_calibration(ownership, method="profile", bins=2)
    >>> table[["product_id", "bin", "customers", "observed"]].round(2)
      product_id  bin  customers  observed
    0       card    0        194      0.35
    1       card    1        206      0.64
    2       loan    0        200      0.20
    3       loan    1        200      0.60
    """
    holdings = _holdings(ownership, later, products, customer_id)
    strength = _check(method, prior_strength)
    if not _FEWEST <= folds <= len(holdings.now) or bins < 1:
        raise ParameterError(
            f"folds must lie between 2 and the number of customers, and bins be positive; "
            f"got folds={folds!r}, bins={bins!r}"
        )
    parts = [
        _binned(name, *_left_out(holdings, j, METHODS[method], strength, folds), bins)
        for j, name in enumerate(holdings.products)
    ]
    keys = parts[0].keys()
    return frame_like(holdings.own, {k: np.concatenate([p[k] for p in parts]) for k in keys})


def _left_out(
    holdings: _Holdings, j: int, model: type[Learned], strength: float, folds: int
) -> tuple[Floats, Mask]:
    """Predict each customer from the other folds."""
    features, counted, adopted = holdings.lesson(j)
    features, adopted = features[counted], adopted[counted]
    # The fold follows from the order of the customers' ids. A fixed seed keeps it repeatable while
    # it has nothing to do with any pattern in the ids.
    fold = np.random.default_rng(0).permutation(np.arange(len(adopted)) % folds)
    predicted = np.zeros(len(adopted))
    for k in np.unique(fold):
        inside = fold == k
        learned = model(features[~inside], adopted[~inside], strength)
        predicted[inside] = learned.predict(features[inside])[0]
    return predicted, adopted


def _binned(name: str, predicted: Floats, happened: Mask, bins: int) -> dict[str, NDArray[Any]]:
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1], method="higher"))
    group = np.searchsorted(edges, predicted, side="right")
    _, group = np.unique(group, return_inverse=True)
    size = np.bincount(group)
    mean = np.bincount(group, weights=predicted) / size
    return {
        c.PRODUCT_ID: np.full(len(size), name),
        "bin": np.arange(len(size)),
        "customers": size,
        "predicted": mean,
        "observed": np.bincount(group, weights=happened.astype(float)) / size,
        c.STANDARD_ERROR: np.sqrt(np.bincount(group, weights=predicted * (1 - predicted))) / size,
    }


def _check(method: str, prior_strength: float) -> float:
    one_of("method", method, METHODS)
    if not prior_strength > 0 or not np.isfinite(prior_strength):
        raise ParameterError(f"prior_strength must be positive, not {prior_strength!r}")
    return float(prior_strength)


def _holdings(
    ownership: object, later: object, products: Sequence[str] | None, customer_id: str
) -> _Holdings:
    names = {c.CUSTOMER_ID: customer_id}
    own = admit_sorted(ownership, CUSTOMER_ROWS, names)
    chosen = [x for x in own.columns if x != c.CUSTOMER_ID] if products is None else list(products)
    customers = as_numpy(own, c.CUSTOMER_ID)
    if not chosen or not len(own):
        raise MissingColumnsError("ownership needs at least one customer and one product column")
    now = _matrix(own, chosen, "ownership")
    if later is None:
        return _Holdings(own, customers, chosen, now, None)
    after = admit_sorted(later, CUSTOMER_ROWS, names)
    if not np.array_equal(as_numpy(after, c.CUSTOMER_ID), customers):
        raise InvalidValuesError(
            "later must hold the same customers as ownership: keep those that are in both"
        )
    return _Holdings(own, customers, chosen, now, _matrix(after, chosen, "later"))


def _matrix(own: nw.DataFrame[Any], products: list[str], frame: str) -> Mask:
    absent = [x for x in products if x not in own.columns]
    if absent:
        raise MissingColumnsError(no_column(frame, absent[0], own.columns))
    kinds = own.schema
    words = [x for x in products if not kinds[x].is_numeric() and kinds[x] != nw.Boolean]
    if words:
        raise InvalidValuesError(f"{frame}: the product columns {words} must hold 0 and 1")
    values = np.column_stack([as_float(own, x) for x in products])
    wrong = [x for x, v in zip(products, values.T, strict=True) if not np.isin(v, (0, 1)).all()]
    if wrong:
        raise InvalidValuesError(f"{frame}: the product columns {wrong} must hold only 0 and 1")
    return np.asarray(values == 1)
