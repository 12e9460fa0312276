"""What the churn commands do: a table of customers from a file, and scores with reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from crmanalytics import churn
from crmanalytics import columns as c
from crmanalytics.cli.parsing import parse
from crmanalytics.cli.reading import read
from crmanalytics.errors import FormatError, InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.persistence import load
from crmanalytics.transactions import clean
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    from pathlib import Path

    from crmanalytics.cli.churn_options import ChurnLearning
    from crmanalytics.cli.options import LogOptions

__all__ = ["FILE", "KNOWN", "learning_table", "load_classifier", "scores_of", "scoring_table"]

FILE: Final = "churn_classifier.json"
KNOWN: Final = (c.CUSTOMER_ID, c.SNAPSHOT, c.OUTCOME_START, c.OUTCOME_END, c.CHURNED)
_NOTHING: Final = ("", "NA", "N/A", "nan", "NaN", "NULL", "null", "None")


def learning_table(source: LogOptions, learn: ChurnLearning) -> tuple[pd.DataFrame, pd.Series]:
    """Return features and labels, from a table of customers or from a purchase log."""
    if learn.target is not None:
        if learn.snapshot:
            raise ParameterError("give --target for a table, or --snapshot for a log, not both.")
        table = _table(source)
        _need(table, source.log, learn.target, "--target")
        if learn.time is not None:
            _need(table, source.log, learn.time, "--time")
        apart = [learn.target, source.customer_id]
        return table.drop(columns=[n for n in apart if n in table]), table[learn.target]
    if not learn.snapshot or len(set(learn.snapshot)) < 2:
        raise ParameterError(
            "a purchase log needs two different --snapshot days at least (the last one "
            "calibrates); a table of customers needs --target."
        )
    log = _log(source)
    rows = churn.panel(log, snapshots=learn.snapshot, horizon=learn.horizon, until=source.until)
    dropped = [c.OUTCOME_START, c.OUTCOME_END, c.CHURNED]
    return rows.drop(columns=dropped), rows[c.CHURNED]


def scoring_table(
    source: LogOptions, classifier: churn.ChurnClassifier, at: str | None
) -> pd.DataFrame:
    """Return customers to score, made as those of the training were."""
    if classifier.time == c.SNAPSHOT and classifier.groups == c.CUSTOMER_ID:
        log = _log(source)
        after = at or str((log[c.DATE].max() + timedelta(days=1)).date())
        made: pd.DataFrame = churn.features(log, at=after)
        return made
    if at is not None:
        raise ParameterError("--at is for purchase logs; this classifier takes a table.")
    table = _table(source)
    lacking = [name for name in classifier.feature_names_in_ if name not in table]
    if lacking:
        raise MissingColumnsError(f"{source.log} lacks columns of the training: {lacking}.")
    return table


def scores_of(
    classifier: churn.ChurnClassifier, table: pd.DataFrame, customer_id: str, top: int
) -> pd.DataFrame:
    """Return one row per customer: probability of churn, and the reasons that weigh most."""
    table = table.reset_index(drop=True)
    out: dict[str, Any] = {customer_id: table[customer_id]} if customer_id in table else {}
    scored = pd.DataFrame(out, index=table.index)
    scored[c.CHURN_PROBABILITY] = classifier.probability(table)
    if not top:
        return scored
    told = classifier.reasons(table, top=top)
    wide = told.pivot_table(index="row", columns="rank", values="reason", aggfunc="first")
    for rank in range(1, top + 1):
        said = wide[rank] if rank in wide else pd.Series(dtype=str)
        scored[f"reason_{rank}"] = said.reindex(table.index).fillna("").astype(str)
    return scored


def load_classifier(folder: Path) -> churn.ChurnClassifier:
    """Read a classifier from the folder that train wrote."""
    found = load(folder / FILE)
    if not isinstance(found, churn.ChurnClassifier):
        raise FormatError(f"{folder / FILE} does not hold a churn classifier")
    return found


def _log(source: LogOptions) -> pd.DataFrame:
    parsed = parse(read(source), source)
    cleaned = clean(parsed.log, refunds=source.refunds.value, until=source.until)
    if not len(cleaned.transactions):
        raise InvalidValuesError(f"{source.log} has no rows left to count after cleaning.")
    log: pd.DataFrame = cleaned.transactions.reset_index(drop=True)
    return log


def _table(source: LogOptions) -> pd.DataFrame:
    """Return a table of customers; columns of a text file are numbers where all of them are."""
    raw = read(source)
    if raw.ragged:
        raise InvalidValuesError(
            f"{raw.name}: {len(raw.ragged):,} lines have more fields than the header (first: line "
            f"{raw.ragged[0]}). Put values that hold the separator in quotes."
        )
    names = [str(name) for name in raw.frame]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidValuesError(f"{raw.name} has the column {twice[0]!r} more than once.")
    if not raw.is_text:
        return raw.frame
    return pd.DataFrame({name: _typed(raw.frame[name]) for name in raw.frame})


def _typed(values: pd.Series) -> pd.Series:
    stripped = values.str.strip()
    held = stripped.where(~stripped.isin(_NOTHING))
    numbers = pd.to_numeric(held, errors="coerce")
    whole: pd.Series = numbers if bool((numbers.notna() == held.notna()).all()) else held
    return whole


def _need(table: pd.DataFrame, name: str, column: str, option: str) -> None:
    if column not in table:
        raise MissingColumnsError(f"{no_column(name, column, table)} See {option}.")
