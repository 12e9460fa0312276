"""An importance-performance analysis as a two-way matrix: one row per attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float
from crmanalytics.inference import TIDY, tidy_table
from crmanalytics.satisfaction.quadrants import QUADRANTS

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

__all__ = ["priority_matrix"]

_CUTS: Final = ("importance_cut", "performance_cut")


def priority_matrix(analysis: Any) -> Any:  # noqa: ANN401 - any eager frame, one of the same kind
    """Lay an importance-performance analysis out as one row per attribute, the most urgent first.

    Parameters
    ----------
    analysis : DataFrame
        What :func:`importance_performance_analysis` or :func:`importance_performance_bootstrap`
        returned.

    Returns
    -------
    DataFrame
        Per group and attribute ``importance`` and ``performance`` with ``..._low``,
        ``..._high`` and ``..._level`` ("high" or "low"), ``quadrant``, ``quadrant_priority`` (1 for
        what to concentrate on), ``certainty`` (probability of the quadrant) and the probabilities
        of all, and the lines (``..._cut``). ``plots.plot_priorities`` draws it.

    Raises
    ------
    DataError
        If the frame is no such analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame(
    ...     {"i1": [9, 8, 9, 9], "p1": [3, 4, 3, 2], "i2": [2, 3, 2, 4], "p2": [8, 9, 7, 8]}
    ... )
    >>> analysis = crm.satisfaction.importance_performance_analysis(
    ...     survey, {"staff": "p1", "parking": "p2"}, importance={"staff": "i1", "parking": "i2"}
    ... )
    >>> crm.satisfaction.priority_matrix(analysis)[["attribute", "quadrant", "certainty"]]
      attribute           quadrant  certainty
    0     staff   concentrate here        1.0
    1   parking  possible overkill        1.0
    """
    wanted = (c.ESTIMATE, c.LOW, c.HIGH, *_CUTS)
    numbers = [Column(name, Kind.NUMBER, nullable=True) for name in wanted]
    labels = [Column(name, Kind.LABEL) for name in ("attribute", c.METRIC)]
    labels.append(Column("quadrant", Kind.LABEL, nullable=True))
    own = admit_eager(analysis, Contract("analysis", (*labels, *numbers)))
    names = {f"p_{name.replace(' ', '_')}": name for name in QUADRANTS.values()}
    metrics = ["importance", "performance", *names]
    size = len(metrics)
    if not len(own) or own[c.METRIC].to_list() != metrics * (len(own) // size):
        raise InvalidValuesError(
            "analysis must be what importance_performance_analysis (or .._bootstrap) returned, all "
            f"of its rows in their order: per attribute {', '.join(metrics)}"
        )
    wide = {name: as_float(own, c.ESTIMATE)[place::size] for place, name in enumerate(metrics)}
    quadrants = own["quadrant"].to_list()[::size]
    made = _columns(own, wide, quadrants, names, size)
    priority = {name: place for place, name in enumerate(QUADRANTS.values(), start=1)}
    ranks = np.array([priority.get(each, len(priority) + 1) for each in quadrants])
    made["quadrant_priority"] = ranks
    group = np.arange(len(ranks)) // len(set(made["attribute"]))
    order = np.lexsort((-wide["importance"], ranks, group))
    groups = [x for x in own.columns if x not in {*TIDY, *_CUTS, "attribute", "quadrant"}]
    taken = (order * size).tolist()
    kept = own.select(*groups)[taken] if groups else None
    return tidy_table(own, {name: _taken(x, order) for name, x in made.items()}, kept)


def _columns(
    own: nw.DataFrame[Any],
    wide: dict[str, Any],
    quadrants: list[Any],
    names: dict[str, str],
    size: int,
) -> dict[str, Any]:
    made: dict[str, Any] = {"attribute": own["attribute"].to_list()[::size]}
    for place, name in enumerate(("importance", "performance")):
        made[name] = wide[name]
        made[_CUTS[place]] = as_float(own, _CUTS[place])[::size]
        made[f"{name}_low"] = as_float(own, c.LOW)[place::size]
        made[f"{name}_high"] = as_float(own, c.HIGH)[place::size]
        high = {quadrant for key, quadrant in QUADRANTS.items() if key[place]}
        made[f"{name}_level"] = ["high" if each in high else "low" for each in quadrants]
    made["quadrant"] = quadrants
    chances = np.column_stack([wide[name] for name in names])
    found = [list(names.values()).index(q) if q in names.values() else -1 for q in quadrants]
    picked = chances[np.arange(len(found)), found]
    made["certainty"] = np.where(np.array(found) < 0, np.nan, picked)
    return made | {name: wide[name] for name in names}


def _taken(values: Any, order: Any) -> Any:  # noqa: ANN401 - arrays and lists alike
    return values[order] if isinstance(values, np.ndarray) else [values[k] for k in order]
