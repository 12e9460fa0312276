"""The plan of a composite index: what goes into what, and each choice that has to be made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save
from crmanalytics.wording import none_of

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "AGGREGATIONS",
    "NORMALISATIONS",
    "CompositePlan",
    "MissingIndicators",
    "Node",
    "Normalisation",
    "composite_plan",
    "weights_named",
]

Normalisation = Literal["minmax", "zscore", "rank", "distance", "categories", "above_below"]
MissingIndicators = Literal["refuse", "available", "mean", "median", "listwise"]

NORMALISATIONS: Final = ("minmax", "zscore", "rank", "distance", "categories", "above_below")
#: Power of the mean by the name of an aggregation: the lower, the less one can make up for another.
AGGREGATIONS: Final[dict[str, float]] = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}
_MISSING: Final = ("refuse", "available", "mean", "median", "listwise")
_METHODS: Final = ("equal", "entropy", "critic", "pca")
ROOT: Final = "index"


@dataclass(frozen=True)
class Node:
    """A part of an index: its name, and the parts or indicators that it is made of.

    Parameters
    ----------
    name : str
        Name; also of the column with its score.
    parts : tuple of Node or str
        Parts of their own, or names of indicators.

    Examples
    --------
    >>> [node.name for node in Node("index", (Node("a", ("x", "y")), "z")).nodes()]
    ['a', 'index']
    """

    name: str
    parts: tuple[Node | str, ...]

    def nodes(self) -> Iterator[Node]:
        """Yield the nodes below, then the node itself."""
        for part in self.parts:
            if isinstance(part, Node):
                yield from part.nodes()
        yield self

    def indicators(self) -> Iterator[str]:
        """Yield the indicators below, in order."""
        for part in self.parts:
            if isinstance(part, Node):
                yield from part.indicators()
            else:
                yield part


@register("satisfaction.CompositePlan")
@dataclass(frozen=True, repr=False)
class CompositePlan(Shown):
    """Every choice behind a composite index, as a value that can be saved and compared.

    Most users write :func:`composite_plan`.

    Parameters
    ----------
    tree : Node
        What goes into what.
    costs : tuple of str
        Indicators of which less is better.
    normalise : str
        How indicators are made comparable.
    bounds : tuple of float
        What the worst and the best become, where the method has bounds.
    goalposts : dict of str to (float, float)
        Fixed worst and best values, by indicator.
    weights : str or dict of str to float
        A method, or weights by name.
    aggregate : str or float
        Kind of mean, or its power.
    missing : str
        What is done about missing values.
    coverage : float
        Least share of weight that must be there, for ``"available"``.

    Examples
    --------
    >>> plan = composite_plan(["speed", "price"], costs=["price"])
    >>> plan.indicators, plan.costs
    (('speed', 'price'), ('price',))
    """

    tree: Node
    costs: tuple[str, ...] = ()
    normalise: Normalisation = "minmax"
    bounds: tuple[float, float] = (0.0, 100.0)
    goalposts: dict[str, tuple[float, float]] = field(default_factory=dict)
    weights: str | dict[str, float] = "equal"
    aggregate: str | float = "arithmetic"
    missing: MissingIndicators = "refuse"
    coverage: float = 0.5

    def _told(self) -> list[str]:
        choices = f"normalise={self.normalise!r}, aggregate={self.aggregate!r}"
        return [f"CompositePlan: {len(self.indicators)} indicators, {choices}"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        nodes = list(self.tree.nodes())[::-1]
        parts = [[p if isinstance(p, str) else p.name for p in node.parts] for node in nodes]
        named = {"part": [node.name for node in nodes], "made of": [" + ".join(p) for p in parts]}
        return {"": pd.DataFrame(named)}

    def __post_init__(self) -> None:
        problems = [*_tree_problems(self.tree), *self._choice_problems(), *self._weight_problems()]
        if problems:
            raise ParameterError("the composite index cannot be: " + "; ".join(problems) + ".")

    @property
    def indicators(self) -> tuple[str, ...]:
        """Columns that go in, in the order of the tree.

        Examples
        --------
        >>> composite_plan({"service": ["speed", "staff"], "offer": ["price"]}).indicators
        ('speed', 'staff', 'price')
        """
        return tuple(self.tree.indicators())

    @property
    def power(self) -> float:
        """Power of the mean: 1 arithmetic, 0 geometric, -1 harmonic.

        Examples
        --------
        >>> composite_plan(["speed", "price"], aggregate="harmonic").power
        -1.0
        """
        return AGGREGATIONS[self.aggregate] if isinstance(self.aggregate, str) else self.aggregate

    def _choice_problems(self) -> Iterator[str]:
        known = set(self.indicators)
        for what, names in (("costs", self.costs), ("goalposts", self.goalposts)):
            if strange := sorted(set(names) - known):
                yield f"{what} {strange} are not among the indicators"
        if self.normalise not in NORMALISATIONS:
            yield none_of("normalise", self.normalise, NORMALISATIONS)
        if isinstance(self.aggregate, str) and self.aggregate not in AGGREGATIONS:
            yield none_of("aggregate", self.aggregate, AGGREGATIONS, also="a power")
        if self.missing not in _MISSING:
            yield none_of("missing", self.missing, _MISSING)
        if not self.bounds[0] < self.bounds[1]:
            yield f"bounds {self.bounds} do not ascend"
        wrong = [
            n for n, (a, b) in self.goalposts.items() if not (a > b if n in self.costs else a < b)
        ]
        if wrong:
            yield f"goalposts of {wrong} must go from worst to best (costs: from high to low)"
        if self.goalposts and self.normalise != "minmax":
            yield f"goalposts mean nothing to {self.normalise!r}: they need 'minmax'"
        if not 0 < self.coverage <= 1:
            yield f"coverage {self.coverage} is no share above 0"

    def _weight_problems(self) -> Iterator[str]:
        if isinstance(self.weights, str):
            if self.weights not in _METHODS:
                yield none_of("weights", self.weights, _METHODS)
            return
        known = {name for node in self.tree.nodes() for name in part_names(node)}
        if strange := sorted(set(self.weights) - known):
            yield f"weights {strange} are of nothing in the index"
        if low := sorted(name for name, value in self.weights.items() if not value >= 0):
            yield f"weights of {low} are negative or missing"
        for node in self.tree.nodes():
            parts = part_names(node)
            given = [name for name in parts if name in self.weights]
            if given and len(given) < len(parts):
                yield f"{node.name!r} has weights for {given}, not for all of {parts}"
            elif given and not sum(self.weights[name] for name in given) > 0:
                yield f"the weights in {node.name!r} are all 0"

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain values.

        Examples
        --------
        >>> composite_plan({"a": ["x", "y"]}).to_dict()["tree"]
        ['index', [['a', ['x', 'y']]]]
        """
        return {
            "tree": _plain(self.tree),
            "costs": list(self.costs),
            "normalise": self.normalise,
            "bounds": list(self.bounds),
            "goalposts": {name: list(ends) for name, ends in self.goalposts.items()},
            "weights": self.weights if isinstance(self.weights, str) else dict(self.weights),
            "aggregate": self.aggregate,
            "missing": self.missing,
            "coverage": self.coverage,
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> CompositePlan:
        """Make the plan of its plain values.

        Examples
        --------
        >>> plan = composite_plan({"a": ["x", "y"]}, costs=["y"])
        >>> CompositePlan.from_dict(plan.to_dict()) == plan
        True
        """
        ends = {name: (float(a), float(b)) for name, (a, b) in body["goalposts"].items()}
        low, high = body["bounds"]
        return cls(
            **{
                **body,
                "tree": _node(body["tree"]),
                "costs": tuple(body["costs"]),
                "bounds": (float(low), float(high)),
                "goalposts": ends,
            }
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the plan as JSON; ``crm.load`` reads it back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> plan = composite_plan(["speed", "price"], costs=["price"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(plan.save(f"{folder}/plan.json")) == plan
        True
        """
        return save(self, path)


def composite_plan(
    structure: Mapping[str, Any] | Sequence[str],
    *,
    costs: Collection[str] = (),
    normalise: Normalisation = "minmax",
    bounds: tuple[float, float] = (0.0, 100.0),
    goalposts: Mapping[str, tuple[float, float]] | None = None,
    weights: Any = "equal",  # noqa: ANN401 - a name, a mapping or a frame
    aggregate: str | float = "arithmetic",
    missing: MissingIndicators = "refuse",
    coverage: float = 0.5,
) -> CompositePlan:
    """Write down how an index is to be made of indicators, each choice in the open.

    Parameters
    ----------
    structure : mapping or sequence of str
        Indicators (columns of numbers), or groups of them, or groups of groups:
        ``{"Service": ["speed", "courtesy"], "Product": {"Look": [...], "Use": [...]}}``.
    costs : collection of str
        Indicators of which less is better.
    normalise : {"minmax", "zscore", "rank", "distance", "categories", "above_below"}
        From worst to best; standard deviations from the mean; share of the others beaten; share of
        the best; classes cut at the 5, 25, 65, 85 and 95% quantiles; below, at or above the mean
        (by 20%).
    bounds : tuple of float
        What the worst and the best become (not for ``"zscore"``; ``"distance"`` uses the second).
        Geometric and harmonic means need a first one above 0, such as ``(1, 100)``.
    goalposts : mapping of str to (float, float), optional
        Fixed worst and best of an indicator, in that order, for ``"minmax"``: values beyond are cut
        off. Without them the data set their own, and scores of two waves cannot be compared.
    weights : {"equal", "entropy", "critic", "pca"}, mapping or DataFrame
        A method that weighs the indicators of each group (groups then count alike); or weights by
        name, of indicators and groups, for all parts of a group or for none of them; or a table
        such as ``weighting.ahp`` returns.
    aggregate : {"arithmetic", "geometric", "harmonic"} or float
        Kind of mean, or its power: 1 lets good parts make up for bad ones fully, lower ones ever
        less.
    missing : {"refuse", "available", "mean", "median", "listwise"}
        Raise; take what is there and scale its weights up; put in the indicator's mean or median;
        or give no score to incomplete rows.
    coverage : float
        For ``"available"``: the least share of a group's weight that must be there.

    Returns
    -------
    CompositePlan
        The plan, checked.

    Raises
    ------
    ParameterError
        If choices contradict each other; all problems are listed.

    References
    ----------
    OECD and JRC (2008), *Handbook on Constructing Composite Indicators*, part 1.

    Examples
    --------
    >>> plan = composite_plan(
    ...     {"Service": ["speed", "courtesy"], "Product": ["quality", "price"]},
    ...     costs=["price"],
    ...     weights={"Service": 1, "Product": 2},
    ... )
    >>> plan.weights
    {'Service': 1.0, 'Product': 2.0}
    """
    if isinstance(costs, str):
        raise ParameterError(f"costs must be a list of indicators: [{costs!r}]")
    ends = {name: (float(a), float(b)) for name, (a, b) in (goalposts or {}).items()}
    chosen = weights if isinstance(weights, str) else weights_named(weights)
    return CompositePlan(
        _grown(ROOT, structure),
        tuple(sorted(costs)),
        normalise,
        (float(bounds[0]), float(bounds[1])),
        ends,
        chosen,
        aggregate if isinstance(aggregate, str) else float(aggregate),
        missing,
        coverage,
    )


def weights_named(weights: Any) -> dict[str, float]:  # noqa: ANN401 - a mapping or a frame
    """Return weights by name, from a mapping or a table of criteria and weights.

    Examples
    --------
    >>> import pandas as pd
    >>> weights_named(pd.DataFrame({"criterion": ["a", "b"], "weight": [0.2, 0.8]}))
    {'a': 0.2, 'b': 0.8}
    """
    if hasattr(weights, "items") and not hasattr(weights, "columns"):
        return {str(name): float(value) for name, value in weights.items()}
    from crmanalytics import columns as c
    from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float

    columns = (Column(c.CRITERION, Kind.LABEL), Column(c.WEIGHT, Kind.NUMBER, low=0))
    own = admit_eager(weights, Contract("weights", columns))
    return dict(zip(own[c.CRITERION].to_list(), as_float(own, c.WEIGHT).tolist(), strict=True))


def part_names(node: Node) -> list[str]:
    """Return the names of a node's parts."""
    return [part if isinstance(part, str) else part.name for part in node.parts]


def _grown(name: str, structure: Mapping[str, Any] | Sequence[str]) -> Node:
    if isinstance(structure, str):
        raise ParameterError(f"{name!r} must hold a list of indicators: [{structure!r}]")
    if hasattr(structure, "items"):
        return Node(name, tuple(_grown(str(key), part) for key, part in structure.items()))
    return Node(name, tuple(str(each) for each in structure))


def _tree_problems(tree: Node) -> Iterator[str]:
    nodes = list(tree.nodes())
    names = [node.name for node in nodes] + list(tree.indicators())
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        yield f"{twice} appear more than once, among groups and indicators"
    for node in nodes:
        if not node.parts:
            yield f"{node.name!r} has no parts"


def _plain(part: Node | str) -> Any:  # noqa: ANN401 - plain values
    return part if isinstance(part, str) else [part.name, [_plain(each) for each in part.parts]]


def _node(plain: Any) -> Node:  # noqa: ANN401 - plain values
    name, parts = plain
    return Node(str(name), tuple(p if isinstance(p, str) else _node(p) for p in parts))
