"""Three ways to learn the probability of a product from the other products owned."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["METHODS", "Learned", "Logistic", "Profile", "Rate"]

_HALF: Final = 0.5  # Jeffreys' prior of a share: half a success and half a failure


def _posterior(successes: Floats, trials: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of a share with a Beta(a, b) prior."""
    total = trials + a + b
    mean = (successes + a) / total
    return mean, np.sqrt(mean * (1 - mean) / (total + 1))


class Learned(ABC):
    """A probability learned from examples: features of shape (n, k), and who adopted."""

    @abstractmethod
    def __init__(self, features: Floats, adopted: Mask, strength: float) -> None: ...

    @abstractmethod
    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """Return probabilities and their standard errors."""


class Rate(Learned):
    """The same probability for everybody."""

    def __init__(self, features: Floats, adopted: Mask, strength: float) -> None:  # noqa: ARG002 - every method is made alike
        half, n = np.asarray(_HALF), np.asarray(float(len(adopted)))
        self.mean, self.error = _posterior(np.asarray(float(adopted.sum())), n, half, half)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """Return probabilities and their standard errors.

        Examples
        --------
        >>> rate = Rate(np.zeros((4, 1)), np.array([True, True, False, True]), 1.0)
        >>> rate.predict(np.zeros((2, 1)))[0]
        array([0.7, 0.7])
        """
        size = len(features)
        return np.full(size, float(self.mean)), np.full(size, float(self.error))


class Profile(Learned):
    """The rate among those with the same profile, drawn towards the rate of all."""

    def __init__(self, features: Floats, adopted: Mask, strength: float) -> None:
        rate = float(Rate(features, adopted, strength).mean)
        self.profiles, inverse = np.unique(_packed(features), return_inverse=True)
        trials = np.bincount(inverse, minlength=len(self.profiles)).astype(float)
        hits = np.bincount(inverse, weights=adopted, minlength=len(self.profiles))
        a, b = np.asarray(strength * rate), np.asarray(strength * (1 - rate))
        self.mean, self.error = _posterior(np.append(hits, 0.0), np.append(trials, 0.0), a, b)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """Return probabilities and their standard errors.

        Examples
        --------
        >>> owns = np.array([[0.0], [0.0], [1.0], [1.0]])
        >>> profile = Profile(owns, np.array([False, False, True, True]), 1.0)
        >>> profile.predict(np.array([[0.0], [1.0]]))[0].round(3)
        array([0.167, 0.833])
        """
        packed = _packed(features)
        place = np.minimum(np.searchsorted(self.profiles, packed), len(self.profiles) - 1)
        known = (
            self.profiles[place] == packed if len(self.profiles) else np.zeros(len(packed), bool)
        )
        place = np.where(known, place, len(self.profiles))
        return self.mean[place], self.error[place]


def _packed(features: Floats) -> NDArray[np.bytes_]:
    """Return each row of zeros and ones as one comparable value."""
    bits = np.packbits(features.astype(bool), axis=1)
    padded = np.column_stack([bits, np.ones(len(bits), np.uint8)])  # a last byte that is not 0
    return np.ascontiguousarray(padded).view(f"S{padded.shape[1]}").ravel()


class Logistic(Learned):
    """A logistic regression with a ridge penalty on the slopes."""

    def __init__(self, features: Floats, adopted: Mask, strength: float) -> None:
        self.fallback = Rate(features, adopted, strength)
        self.single = features.shape[1] == 0 or adopted.all() or not adopted.any()
        if self.single:
            return
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        # Customers with the same profile are one weighted row: the same fit, many times faster.
        first, inverse = np.unique(_packed(features), return_index=True, return_inverse=True)[1:]
        profiles, trials = features[first], np.bincount(inverse).astype(float)
        yes = np.bincount(inverse, weights=adopted)
        no = trials - yes
        outcome = (
            np.repeat([True, False], [np.count_nonzero(yes), np.count_nonzero(no)]),
            np.concatenate([yes[yes > 0], no[no > 0]]),
        )
        self.model = LogisticRegression(
            C=1 / strength, solver="newton-cholesky", max_iter=200, tol=1e-8
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                self.model.fit(np.vstack([profiles[yes > 0], profiles[no > 0]]), *outcome)
            except ConvergenceWarning as error:
                raise ConvergenceError(
                    "the logistic regression did not converge: use a larger prior_strength, or "
                    "method='profile'"
                ) from error
        p = self.model.predict_proba(profiles)[:, 1]
        design = np.column_stack([np.ones(len(profiles)), profiles])
        ridge = strength * np.eye(design.shape[1])
        ridge[0, 0] = 0.0
        weight = trials * p * (1 - p)
        self.covariance = np.linalg.inv(design.T @ (design * weight[:, None]) + ridge)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """Return probabilities and their standard errors.

        Examples
        --------
        >>> owns = np.array([[0.0], [0.0], [1.0], [1.0]])
        >>> logistic = Logistic(owns, np.array([False, False, True, True]), 1.0)
        >>> logistic.predict(np.array([[0.0], [1.0]]))[0].round(2)
        array([0.4, 0.6])
        """
        if self.single:
            return self.fallback.predict(features)
        first, inverse = np.unique(_packed(features), return_index=True, return_inverse=True)[1:]
        profiles = features[first]
        p = np.asarray(self.model.predict_proba(profiles)[:, 1], dtype=float)
        design = np.column_stack([np.ones(len(profiles)), profiles])
        spread = np.einsum("ij,jk,ik->i", design, self.covariance, design)
        error = p * (1 - p) * np.sqrt(np.maximum(spread, 0.0))
        return p[inverse], error[inverse]


METHODS: Final[dict[str, type[Learned]]] = {
    "rate": Rate,
    "profile": Profile,
    "logistic": Logistic,
}
