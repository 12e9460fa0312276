"""A structural model as a value: which items speak of which construct, and what drives what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Block", "Mode", "StructuralModel", "structural_model"]

Mode = Literal["A", "B"]

_ARROW: Final = "->"


@dataclass(frozen=True)
class Block:
    """The items that speak of one construct.

    Parameters
    ----------
    construct : str
        Name of what they speak of.
    items : tuple of str
        Columns of the survey.
    mode : {"A", "B"}
        A: weights by correlation (items reflect the construct); B: by regression (items form it).

    Examples
    --------
    >>> Block("Value", ("PERV1", "PERV2")).mode
    'A'
    """

    construct: str
    items: tuple[str, ...]
    mode: Mode = "A"


@register("satisfaction.StructuralModel")
@dataclass(frozen=True, repr=False)
class StructuralModel(Shown):
    """Blocks of items, and the paths between their constructs; checked when it is made.

    Most users write :func:`structural_model`, which takes dictionaries and strings.

    Parameters
    ----------
    blocks : tuple of Block
        One per construct.
    paths : tuple of (str, str)
        From what drives to what is driven; there must be no way back to where one started.

    Raises
    ------
    ParameterError
        If an item or a construct appears twice, a path leads to an unknown construct or runs in a
        circle, or a construct has no path; all problems are listed.

    Examples
    --------
    >>> model = StructuralModel(
    ...     (Block("Quality", ("q1", "q2")), Block("Satisfaction", ("s1",))),
    ...     (("Quality", "Satisfaction"),),
    ... )
    >>> model.items
    ('q1', 'q2', 's1')
    """

    blocks: tuple[Block, ...]
    paths: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        problems = [*_block_problems(self.blocks), *_path_problems(self.constructs, self.paths)]
        if problems:
            raise ParameterError("the structural model cannot be: " + "; ".join(problems) + ".")

    def _told(self) -> list[str]:
        size = f"{len(self.constructs)} constructs, {len(self.items)} items"
        return [f"StructuralModel: {size}, {len(self.paths)} paths"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        into = [" + ".join(a for a, b in self.paths if b == name) for name in self.constructs]
        named = {
            "construct": self.constructs,
            "mode": [block.mode for block in self.blocks],
            "items": [len(block.items) for block in self.blocks],
            "driven by": into,
        }
        return {"": pd.DataFrame(named)}

    @property
    def constructs(self) -> tuple[str, ...]:
        """Names of the constructs, in the order of the blocks.

        Examples
        --------
        >>> structural_model({"Q": ["q1", "q2"], "S": ["s"]}, ["Q -> S"]).constructs
        ('Q', 'S')
        """
        return tuple(block.construct for block in self.blocks)

    @property
    def items(self) -> tuple[str, ...]:
        """Columns of the survey that the model needs, block by block.

        Examples
        --------
        >>> structural_model({"Q": ["q1", "q2"], "S": ["s"]}, ["Q -> S"]).items
        ('q1', 'q2', 's')
        """
        return tuple(item for block in self.blocks for item in block.items)

    def to_dict(self) -> dict[str, Any]:
        """Return the model as plain values.

        Examples
        --------
        >>> structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"]).to_dict()["paths"]
        [['X', 'Y']]
        """
        return {
            "blocks": [[b.construct, list(b.items), b.mode] for b in self.blocks],
            "paths": [list(path) for path in self.paths],
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> StructuralModel:
        """Make the model of its plain values.

        Examples
        --------
        >>> model = structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> StructuralModel.from_dict(model.to_dict()) == model
        True
        """
        blocks = tuple(Block(str(name), tuple(items), mode) for name, items, mode in body["blocks"])
        return cls(blocks, tuple((str(a), str(b)) for a, b in body["paths"]))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model as JSON; ``crm.load`` reads it back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> model = structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(model.save(f"{folder}/model.json")) == model
        True
        """
        return save(self, path)


def structural_model(
    blocks: Mapping[str, Sequence[str]],
    paths: Iterable[str | tuple[str, str]],
    *,
    modes: Mapping[str, Mode] | None = None,
) -> StructuralModel:
    """Write down which items speak of which construct, and which construct drives which.

    Parameters
    ----------
    blocks : mapping of str to sequence of str
        Construct to its items (columns of the survey).
    paths : iterable of str or (str, str)
        ``"Image -> Satisfaction"`` or ``("Image", "Satisfaction")``, one per arrow.
    modes : mapping of str to {"A", "B"}, optional
        How the items of a construct are weighted, where not by mode A: see :class:`Block`.

    Returns
    -------
    StructuralModel
        The model, checked.

    Raises
    ------
    ParameterError
        If the model makes no sense; all problems are listed.

    Examples
    --------
    >>> model = structural_model(
    ...     {"Quality": ["q1", "q2"], "Value": ["v1"], "Satisfaction": ["s1", "s2"]},
    ...     ["Quality -> Value", "Quality -> Satisfaction", "Value -> Satisfaction"],
    ...     modes={"Quality": "B"},
    ... )
    >>> model.blocks[0]
    Block(construct='Quality', items=('q1', 'q2'), mode='B')
    """
    chosen = dict(modes or {})
    strange = sorted(set(chosen) - set(blocks))
    if strange:
        raise ParameterError(
            f"modes must be of constructs among the blocks, which {strange} are not"
        )
    made = []
    for name, items in blocks.items():
        if isinstance(items, str):
            raise ParameterError(f"the items of {name!r} must be a list of columns: [{items!r}]")
        made.append(Block(str(name), tuple(items), chosen.get(name, "A")))
    return StructuralModel(tuple(made), tuple(_arrow(path) for path in paths))


def _arrow(path: str | tuple[str, str]) -> tuple[str, str]:
    ends = path.split(_ARROW) if isinstance(path, str) else list(path)
    if len(ends) != 2:
        raise ParameterError(f"a path must have two ends, as in 'Image -> Loyalty', not {path!r}")
    return ends[0].strip(), ends[1].strip()


def _block_problems(blocks: Sequence[Block]) -> list[str]:
    items = [item for block in blocks for item in block.items]
    names = [block.construct for block in blocks]
    problems = [
        f"{name!r} has no items" for name, b in zip(names, blocks, strict=True) if not b.items
    ]
    problems += [
        f"{b.construct!r} has mode {b.mode!r}, not 'A' or 'B'"
        for b in blocks
        if b.mode not in ("A", "B")
    ]
    problems += [
        f"the item {item!r} appears {k} times" for item, k in Counter(items).items() if k > 1
    ]
    problems += [
        f"the construct {n!r} appears {k} times" for n, k in Counter(names).items() if k > 1
    ]
    return problems


def _path_problems(constructs: Sequence[str], paths: Sequence[tuple[str, str]]) -> list[str]:
    known, ends = set(constructs), {end for path in paths for end in path}
    problems = [
        f"a path leads from or to {end!r}, which has no items" for end in sorted(ends - known)
    ]
    problems += [f"{name!r} has no path" for name in constructs if name not in ends]
    problems += [
        f"the path {a} -> {b} appears {k} times" for (a, b), k in Counter(paths).items() if k > 1
    ]
    circle = _left_in_circles(known | ends, paths)
    if circle:
        problems.append(f"paths run in a circle through {sorted(circle)}")
    return problems


def _left_in_circles(names: set[str], paths: Sequence[tuple[str, str]]) -> set[str]:
    """Take away what nothing drives, again and again; what stays is in a circle or behind one."""
    left = set(names)
    while True:
        driven = {b for a, b in paths if a in left and b in left}
        if driven == left or not left:
            return left
        left = driven
