"""A model's parameters, many times over: what a bootstrap or a sampler leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic

from crmanalytics.clv.fit import M
from crmanalytics.frames import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["Draws"]


@dataclass(frozen=True, eq=False, repr=False)
class Draws(Shown, Generic[M]):
    """Models that the data might as well have given.

    Parameters
    ----------
    model : model
        The model that they vary around.
    parameters : DataFrame of shape (draws, parameters)
        One row per draw.
    method : str
        Where they come from.
    failures : int
        Refits without a proven maximum, which are not among the draws.
    diagnostics : DataFrame, optional
        What a sampler says of its chains, one row per parameter.

    Examples
    --------
    >>> from crmanalytics import clv
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> customers = load_cdnow_summary()
    >>> draws = clv.bootstrap(clv.BGNBD.fit(customers), customers, draws=50, seed=1)
    >>> len(draws), draws.failures
    (50, 0)
    """

    model: M
    parameters: pd.DataFrame = field(repr=False)
    method: str
    failures: int = 0
    diagnostics: pd.DataFrame | None = field(default=None, repr=False)

    def _told(self) -> list[str]:
        whose = f"{type(self.model).__name__}: {len(self):,} draws by {self.method}"
        return [f"{whose}, {self.failures:,} failed" if self.failures else whose]

    def _tables(self) -> dict[str, pd.DataFrame]:
        spread = self.parameters.describe(percentiles=[0.025, 0.5, 0.975]).T
        tables = {"": spread[["mean", "std", "2.5%", "50%", "97.5%"]]}
        return tables if self.diagnostics is None else tables | {"diagnostics": self.diagnostics}

    def __len__(self) -> int:
        return len(self.parameters)

    def __iter__(self) -> Iterator[M]:
        """Yield the model of each draw."""
        names = self.parameters.columns
        for row in self.parameters.itertuples(index=False):
            yield self.model.replaced(dict(zip(names, row, strict=True)))
