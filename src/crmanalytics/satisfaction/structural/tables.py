"""The tables of a structural fit, worked out from its weights and moments when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crmanalytics.satisfaction.structural.admissibility import admissible, checks
from crmanalytics.satisfaction.structural.layout import layout_of
from crmanalytics.satisfaction.structural.quantities import quantity
from crmanalytics.satisfaction.structural.solution import correlations_of, solution_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.answers import Moments
    from crmanalytics.satisfaction.structural.estimation import Estimation
    from crmanalytics.satisfaction.structural.model import StructuralModel
    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = ["StructuralTables"]


class StructuralTables:
    """What is reported of a model, its moments and their solution.

    Parameters
    ----------
    model : StructuralModel
        Blocks and paths.
    moments : Moments
        Means and covariances of the items.
    item_weights : ndarray of shape (items,)
        Weights of standardised items.
    how : Estimation
        How they were estimated.
    """

    model: StructuralModel
    moments: Moments
    item_weights: Floats
    how: Estimation

    @property
    def solution(self) -> Solution:
        """The arrays behind the tables.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> crm.satisfaction.fit_structural_moments(moments, model).solution.loadings
        array([1., 1.])
        """
        deviation, correlations = correlations_of(self.moments.covariance)
        return solution_of(
            self.moments.mean,
            deviation,
            correlations,
            self.item_weights,
            layout_of(self.model),
            consistent=self.how.consistent,
        )

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name: one row per label, one column per metric.

        Parameters
        ----------
        name : str
            ``paths``, ``effects``, ``measurement``, ``crossloadings``, ``r2``, ``reliability``,
            ``htmt``, ``correlations`` or ``overall``.

        Returns
        -------
        pandas.DataFrame
            The table.

        Raises
        ------
        ParameterError
            If there is no such table.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> crm.satisfaction.fit_structural_moments(moments, model).table("correlations")
          first second  correlation
        0     X      Y          0.3
        """
        found = quantity(name, self.model, self.solution, self.moments.n)
        return pd.DataFrame({**found.labels, **found.metrics})

    @property
    def paths(self) -> pd.DataFrame:
        """Path coefficients, with Cohen's f2 (scores held fixed) and variance inflation.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.paths.round(3)
          source target  path     f2  vif
        0      X      Y   0.3  0.099  1.0
        """
        return self.table("paths")

    @property
    def effects(self) -> pd.DataFrame:
        """Direct, indirect and total effects; ``total_answers`` in points of the answers' scale.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.effects.round(3)
          source target  direct  indirect  total  total_answers
        0      X      Y     0.3       0.0    0.3            0.3
        """
        return self.table("effects")

    @property
    def measurement(self) -> pd.DataFrame:
        """Weights (of standardised items; of answers as given, summing to 1), loadings, VIF.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.measurement.round(3)
          construct item  weight  answer_weight  loading    vif
        0         X    a   0.637          0.571    0.924  1.562
        1         X    b   0.478          0.429    0.860  1.562
        2         Y    y   1.000          1.000    1.000  1.000
        """
        return self.table("measurement")

    @property
    def crossloadings(self) -> pd.DataFrame:
        """Correlation of each item with every construct, one column each.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.crossloadings.round(3)
          construct item      X    Y
        0         X    a  0.924  0.4
        1         X    b  0.860  0.3
        2         Y    y  0.398  1.0
        """
        return self.table("crossloadings")

    @property
    def r2(self) -> pd.DataFrame:
        """Share of each driven construct's variance that is explained, plain and adjusted.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.r2.round(3)
          construct    r2  r2_adjusted
        0         Y  0.09        0.071
        """
        return self.table("r2")

    @property
    def reliability(self) -> pd.DataFrame:
        """Alpha (standardised and raw), rho_A, rho_C and AVE; single items count as error-free.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.reliability.round(3)
          construct  alpha  alpha_raw  rho_a  rho_c    ave
        0         X   0.75       0.75  0.793  0.887  0.797
        1         Y   1.00       1.00  1.000  1.000  1.000
        """
        return self.table("reliability")

    @property
    def htmt(self) -> pd.DataFrame:
        """Heterotrait-monotrait ratios: absolute, signed, and geometric (HTMT2).

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.htmt.round(3)
          first second   htmt  htmt_signed  htmt2
        0     X      Y  0.452        0.452  0.447
        """
        return self.table("htmt")

    @property
    def correlations(self) -> pd.DataFrame:
        """Correlations of constructs, corrected for attenuation in a consistent fit.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.correlations.round(3)
          first second  correlation
        0     X      Y        0.398
        """
        return self.table("correlations")

    @property
    def overall(self) -> pd.DataFrame:
        """SRMR (constructs as the paths imply; as they are) and GoF, in one row.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.overall.round(3)
            srmr  srmr_saturated    gof
        0  0.082           0.082  0.356
        """
        return self.table("overall")

    @property
    def admissibility(self) -> pd.DataFrame:
        """What must hold for the solution to be possible, and whether it does.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["a", "b"], "Y": ["y"]}, ["X -> Y"])
        >>> among = [[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]]
        >>> moments = crm.satisfaction.Moments.of(model.items, among, n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.admissibility.head(2)
                                                       check     value  holds
        0                       largest loading is at most 1  1.000000   True
        1  correlations of constructs have no negative ei...  0.601717   True
        """
        found = checks(self.solution)
        return pd.DataFrame(
            {
                "check": list(found),
                "value": [float(value) for value, _ in found.values()],
                "holds": [bool(holds) for _, holds in found.values()],
            }
        )

    @property
    def admissible(self) -> bool:
        """Whether all checks of :attr:`admissibility` hold.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> fit.admissible
        True
        """
        return bool(admissible(self.solution))
