"""Segments: the name of each customer's cell of scores, looked up rather than computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit, as_numpy, is_pandas
from crmanalytics.rfm.in_engine import labelled
from crmanalytics.rfm.rulebook import Rules
from crmanalytics.rfm.rules import rules as _rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["segment"]

_SCORES = (c.R_SCORE, c.F_SCORE, c.M_SCORE)
_SHOWN = 19  # characters: five cells


def segment(scored: Any, rules: Rules | None = None) -> Any:  # noqa: ANN401 - any frame
    """Name the segment of each scored customer.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        What :func:`score` returned, or any frame with ``r_score``, ``f_score`` and ``m_score``
        on the scale of the rules. It is not changed.
    rules : Rules, optional
        From :func:`rules`; the default map otherwise.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and all of its columns, and with ``segment``.

    Raises
    ------
    ParameterError
        If the rules overlap and none is said to win, or leave cells uncovered and there is no
        name for the others. Whether a customer is in such a cell plays no part: rules that work
        today work tomorrow.
    DataError
        If the scores are missing or outside the scale of the rules.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.rfm import segment
    >>> scored = pd.DataFrame({"r_score": [5, 1], "f_score": [5, 1], "m_score": [4, 2]})
    >>> segment(scored)["segment"].tolist()
    ['Champions', 'Hibernating']
    """
    rules = _rules() if rules is None else rules
    if not isinstance(rules, Rules):
        raise ParameterError("rules must come from crm.rfm.rules(table): it checks a table")
    _refuse_ambiguous(rules)
    own = _admit_scores(scored, rules)
    if isinstance(own, nw.LazyFrame):
        return labelled(own, rules)
    r, f, m = (as_numpy(own, name).astype(np.int64, copy=False) for name in _SCORES)
    _, n_f, n_m = rules.n
    cell = ((r - 1) * n_f + (f - 1)) * n_m + (m - 1)
    return _with_labels(own, rules.segments, rules.lookup().ravel()[cell])


def _admit_scores(scored: Any, rules: Rules) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:  # noqa: ANN401 - any frame
    columns = [
        Column(name, Kind.COUNT, low=1, high=size)
        for name, size in zip(_SCORES, rules.n, strict=True)
    ]
    identifier = Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False)
    contract = Contract("scored", (identifier, *columns), names_row_by=c.CUSTOMER_ID)
    try:
        return admit(scored, contract)
    except MissingColumnsError as error:
        raise MissingColumnsError(f"{error}\nScore the customers first: crm.rfm.score.") from error


def _refuse_ambiguous(rules: Rules) -> None:
    report = rules.check()
    remedies = {
        "overlapping": "let the first match win with rules(..., overlap='first')",
        "uncovered": "name them with rules(..., others='Others')",
    }
    excused = {"unreachable"}
    if rules.overlap == "first":
        excused.add("overlapping")
    if rules.others is not None:
        excused.add("uncovered")
    wrong = report[~report["problem"].isin(excused)]
    first = wrong.drop_duplicates("problem")
    shown = zip(*(first[x] for x in ("problem", "where", "segment", "other")), strict=True)
    sentences = [
        f"{problem} cells {where[:_SHOWN]}{'...' if len(where) > _SHOWN else ''}"
        f"{f' of {one!r} and {other!r}' if other else ''}: {remedies[problem]}, or mend the table."
        for problem, where, one, other in shown
    ]
    if sentences:
        raise ParameterError(
            f"rules do not give each cell one segment ({len(wrong)} problems; rules.check() lists "
            "them all):\n" + "\n".join(sentences)
        )


def _with_labels(own: nw.DataFrame[Any], names: tuple[str, ...], codes: NDArray[np.intp]) -> Any:  # noqa: ANN401 - a native frame
    if is_pandas(own):
        import pandas as pd

        taken = pd.Series(names, dtype="str").take(codes).array
        return own.to_native().assign(**{c.SEGMENT: taken})
    backend = own.implementation
    each = nw.new_series(c.SEGMENT, list(names), dtype=nw.String, backend=backend)
    return own.with_columns(each[nw.new_series("place", codes, backend=backend)]).to_native()
