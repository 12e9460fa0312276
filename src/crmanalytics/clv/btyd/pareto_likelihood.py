r"""The likelihood of the Pareto/NBD model, with exact first and second derivatives.

A customer who is alive at T has the likelihood

    Gamma(r + x) / Gamma(r) * alpha^r / (alpha + T)^(r + x) * (beta / (beta + T))^s,

and whoever died between the last purchase and T adds D times as much, where D is a race after t_x:
death coming before the next purchase, divided by neither coming before T. The derivatives of log D
are means, variances and covariances under the weights of the same quadrature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, polygamma, psi

from crmanalytics.clv.btyd.race import Racer, log_first, race_blocks
from crmanalytics.clv.special import log1pexp, log_poch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.race import RaceBlock
    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["ParetoObjective", "log_alive_likelihood", "log_odds_dead", "pareto_slopes"]


def log_alive_likelihood(parameters: Floats, x: Floats, T: Floats) -> Floats:
    """Return the log-likelihood of having bought x times and being alive at T.

    Parameters
    ----------
    parameters : ndarray of shape (4,)
        r, alpha, s, beta.
    x, T : ndarray
        Repeat purchases and time observed.

    Returns
    -------
    ndarray
        Log-likelihoods.

    Examples
    --------
    >>> cdnow = np.array([0.553, 10.578, 0.606, 11.669])
    >>> log_alive_likelihood(cdnow, np.array([2.0]), np.array([38.86])).round(4).tolist()
    [-9.6945]
    """
    r, alpha, s, beta = parameters
    buying = log_poch(r, x) - r * np.log1p(T / alpha) - x * np.log(alpha + T)
    return np.asarray(buying - s * np.log1p(T / beta))


def log_odds_dead(parameters: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """Return the log-odds of having died after the last purchase.

    Parameters
    ----------
    parameters : ndarray of shape (4,)
        r, alpha, s, beta.
    x, t_x, T : ndarray
        Repeat purchases, time of the last one, time observed.

    Returns
    -------
    ndarray
        Log-odds; -inf for who bought at T itself.

    Examples
    --------
    >>> cdnow = np.array([0.553, 10.578, 0.606, 11.669])
    >>> x, t_x, T = np.array([[2, 2], [30.43, 38.86], [38.86, 38.86]])
    >>> log_odds_dead(cdnow, x, t_x, T).round(4).tolist()
    [-1.8936, -inf]
    """
    r, alpha, s, beta = parameters
    death, purchase = Racer(s, beta + t_x), Racer(r + x, alpha + t_x)
    silence = (r + x) * np.log1p((T - t_x) / (alpha + t_x)) + s * np.log1p((T - t_x) / (beta + t_x))
    return np.asarray(log_first(death, purchase, T - t_x) + silence)


class _Silences(NamedTuple):
    """Customers who have not bought at T itself, so that they may have died."""

    silent_x: Floats
    silent_t_x: Floats
    silent_T: Floats
    weight: Floats


def pareto_slopes(
    log_parameters: Floats, x: Floats, t_x: Floats, T: Floats
) -> tuple[Floats, Floats]:
    """Return log-likelihoods and their slopes, of cells that have parameters of their own.

    Parameters
    ----------
    log_parameters : ndarray of shape (4, cells)
        Logarithms of r, alpha, s and beta.
    x, t_x, T : ndarray of shape (cells,)
        Repeat purchases, time of the last one, time observed.

    Returns
    -------
    values : ndarray of shape (cells,)
        Log-likelihoods.
    slopes : ndarray of shape (4, cells)
        Their derivatives by the log-parameters.

    Examples
    --------
    >>> cdnow = np.log([[0.553], [10.578], [0.606], [11.669]])
    >>> values, slopes = pareto_slopes(cdnow, *np.array([[2.0], [30.43], [38.86]]))
    >>> values.round(3).tolist(), slopes.round(3).ravel().tolist()
    ([-9.554], [0.511, -0.001, -0.749, 0.431])
    """
    r, alpha, s, beta = parameters = np.exp(log_parameters)
    values = log_alive_likelihood(parameters, x, T)
    share = T / (alpha + T)
    slopes = np.stack(
        [
            psi(r + x) - psi(r) - np.log1p(T / alpha),
            r / alpha * share - x / (alpha + T),
            -np.log1p(T / beta),
            s / beta * (T / (beta + T)),
        ]
    )
    silent = np.flatnonzero(t_x < T)
    data = _Silences(x[silent], t_x[silent], T[silent], np.ones(len(silent)))
    own = parameters[:, silent]
    death = Racer(own[2], own[3] + data.silent_t_x)
    purchase = Racer(own[0] + data.silent_x, own[1] + data.silent_t_x)
    for block in race_blocks(death, purchase, data.silent_T - data.silent_t_x):
        nodes, cells = _Nodes(data, own[:, block.rows], block), silent[block.rows]
        values[cells] += log1pexp(nodes.log_odds)
        slopes[:, cells] += nodes.mean_slopes() * expit(nodes.log_odds)
    return values, slopes * parameters


class ParetoObjective:
    """The weighted log-likelihood of log(r, alpha, s, beta) with gradient and Hessian."""

    def __init__(self, cells: Cells) -> None:
        weight = cells.weight
        self.x, code_x = np.unique(cells.frequency, return_inverse=True)
        self.customers_at_x = np.bincount(code_x, weights=weight)
        self.T, code_T = np.unique(cells.T, return_inverse=True)
        self.customers_at_T = np.bincount(code_T, weights=weight)
        self.purchases_at_T = np.bincount(code_T, weights=weight * cells.frequency)
        silent = cells.recency < cells.T
        self.silent_x, self.silent_t_x = cells.frequency[silent], cells.recency[silent]
        self.silent_T, self.weight = cells.T[silent], weight[silent]

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        parameters = np.exp(log_parameters)
        value, gradient = self._alive(parameters)
        for block in self._blocks(parameters):
            nodes = _Nodes(self, parameters, block)
            value += float(nodes.weight @ log1pexp(nodes.log_odds))
            gradient += nodes.mean_slopes() @ (nodes.weight * expit(nodes.log_odds))
        return value, gradient * parameters

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives by the log-parameters."""
        parameters = np.exp(log_parameters)
        _, gradient = self._alive(parameters)
        hessian = self._alive_hessian(parameters)
        for block in self._blocks(parameters):
            nodes = _Nodes(self, parameters, block)
            mean = nodes.mean_slopes()
            gain = nodes.weight * expit(nodes.log_odds)
            gradient += mean @ gain
            hessian += nodes.slope_products(gain) + nodes.curvature(gain)
            hessian -= (mean * (gain * expit(nodes.log_odds))) @ mean.T
        return np.asarray(
            hessian * np.outer(parameters, parameters) + np.diag(gradient * parameters)
        )

    def _blocks(self, parameters: Floats) -> Iterator[RaceBlock]:
        r, alpha, s, beta = parameters
        death = Racer(s, beta + self.silent_t_x)
        purchase = Racer(r + self.silent_x, alpha + self.silent_t_x)
        return race_blocks(death, purchase, self.silent_T - self.silent_t_x)

    def _alive(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = parameters
        buying, by_r, by_alpha = self._survival(r, alpha)
        living, by_s, by_beta = self._survival(s, beta)
        counted = self.customers_at_x @ log_poch(r, self.x)
        counted -= self.purchases_at_T @ np.log(alpha + self.T)
        by_r += self.customers_at_x @ (psi(r + self.x) - psi(r))
        by_alpha -= self.purchases_at_T @ (1 / (alpha + self.T))
        return float(counted + buying + living), np.array([by_r, by_alpha, by_s, by_beta])

    def _survival(self, shape: float, rate: float) -> tuple[float, float, float]:
        """Return the log-probability of no event until T, in total, and its slopes."""
        waited = -float(self.customers_at_T @ np.log1p(self.T / rate))
        share = float(self.customers_at_T @ (self.T / (rate + self.T)))
        return shape * waited, waited, shape / rate * share

    def _alive_hessian(self, parameters: Floats) -> Floats:
        r, alpha, s, beta = parameters
        hessian = np.zeros((4, 4))
        hessian[:2, :2] = self._survival_hessian(r, alpha)
        hessian[2:, 2:] = self._survival_hessian(s, beta)
        hessian[0, 0] += self.customers_at_x @ (polygamma(1, r + self.x) - polygamma(1, r))
        hessian[1, 1] += self.purchases_at_T @ (alpha + self.T) ** -2
        return hessian

    def _survival_hessian(self, shape: float, rate: float) -> Floats:
        share = self.T / (rate + self.T)
        mixed = self.customers_at_T @ share / rate
        twice = self.customers_at_T @ (share * (1 / rate + 1 / (rate + self.T)))
        return np.array([[0.0, mixed], [mixed, -shape / rate * twice]])


class _Nodes:
    """The slopes of the log-integrand of D by r, alpha, s and beta, at the nodes of a block."""

    def __init__(
        self, data: ParetoObjective | _Silences, parameters: Floats, block: RaceBlock
    ) -> None:
        r, alpha, s, beta = parameters
        rows = block.rows
        T, t_x = data.silent_T[rows], data.silent_t_x[rows]
        self.parameters = parameters
        self.weight = data.weight[rows]
        self.rate = r + data.silent_x[rows]
        self.share = block.weights / block.total
        self.buying, self.living = block.growth_other, block.growth_first
        self.silence_buying = np.log((alpha + T) / (alpha + t_x))
        self.silence_living = np.log((beta + T) / (beta + t_x))
        self.end_buying, self.end_living = 1 / (alpha + T), 1 / (beta + T)
        self.inverse_buying = np.exp(-self.buying) / (alpha + t_x)
        self.inverse_living = np.exp(-self.living) / (beta + t_x)
        silence = self.rate * self.silence_buying + s * self.silence_living
        self.log_odds = block.log_probability + silence

    def _mean(self, values: Floats) -> Floats:
        return np.asarray(np.einsum("nc,nc->c", self.share, values))

    def _slopes(self, *growth: Floats) -> tuple[Floats, ...]:
        buying, inverse_buying, living, inverse_living = growth
        s = self.parameters[2]
        return (
            self.silence_buying - buying,
            self.rate * (self.end_buying - inverse_buying),
            1 / s + self.silence_living - living,
            s * self.end_living - (s + 1) * inverse_living,
        )

    def mean_slopes(self) -> Floats:
        """Return the slopes of log D, of shape (4, races)."""
        growth = (self.buying, self.inverse_buying, self.living, self.inverse_living)
        return np.array(self._slopes(*(self._mean(values) for values in growth)))

    def slope_products(self, gain: Floats) -> Floats:
        """Return the gain-weighted means of the products of slopes."""
        growth = (self.buying, self.inverse_buying, self.living, self.inverse_living)
        slopes = np.array(self._slopes(*growth)).reshape(4, -1)
        return np.asarray((slopes * (self.share * gain).reshape(-1)) @ slopes.T)

    def curvature(self, gain: Floats) -> Floats:
        """Return the gain-weighted means of the second derivatives of the log-integrand."""
        s = self.parameters[2]
        out = np.zeros((4, 4))
        out[0, 1] = out[1, 0] = gain @ (self.end_buying - self._mean(self.inverse_buying))
        out[2, 3] = out[3, 2] = gain @ (self.end_living - self._mean(self.inverse_living))
        square = self._mean(self.inverse_buying**2) - self.end_buying**2
        out[1, 1] = gain @ (self.rate * square)
        out[2, 2] = -gain.sum() / s**2
        out[3, 3] = gain @ ((s + 1) * self._mean(self.inverse_living**2) - s * self.end_living**2)
        return out
