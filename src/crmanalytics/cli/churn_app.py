"""The commands of churn: train and score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from crmanalytics import churn
from crmanalytics import columns as c
from crmanalytics.cli.churn_options import (  # noqa: TC001 - the commands' annotations are read
    ChurnLearning,
    ChurnModel,
    ChurnScoring,
)
from crmanalytics.cli.churn_work import (
    FILE,
    learning_table,
    load_classifier,
    scores_of,
    scoring_table,
)
from crmanalytics.cli.command import command
from crmanalytics.cli.options import LogOptions, TargetOptions  # noqa: TC001 - as above
from crmanalytics.cli.progress import steps
from crmanalytics.cli.telling import tell_files
from crmanalytics.cli.writing import check_folder, check_suffix, sweep, write_csv, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["churn_app"]

churn_app = typer.Typer(no_args_is_help=True, help="Who will leave, and why.")


@command(churn_app, "train")
def train(source: LogOptions, target: TargetOptions, learn: ChurnLearning) -> None:
    r"""Learn from a purchase log, or a table of customers, who leaves.

    Writes into DIR: churn_classifier.json, which score reads, and columns.csv, which says what was
    found in each column. Running it again gives the same bytes.

    For example:

        crmanalytics churn train sales.csv --out churn --snapshot 2024-01-01 \
            --snapshot 2024-04-01 --horizon 90

        crmanalytics churn train customers.csv --out churn --target Churn
    """
    check_folder(target.out)
    with steps(3) as step:
        step("reading")
        table, labels = learning_table(source, learn)
        step("learning")
        classifier = _classifier(learn).fit(table, labels)
        step("writing")
        report = classifier.column_report(table)
        files = [
            (write_csv(target.out / "columns.csv", report), "what each column held"),
            (classifier.save(target.out / FILE), "the classifier"),
        ]
        sweep(target.out)
    trained = classifier.training_
    typer.echo(
        f"{trained['rows']:,} rows, of which {trained['churn_rate']:.1%} churned; calibration: "
        f"{trained['calibration']}"
    )
    tell_files(files)


def _classifier(learn: ChurnLearning) -> churn.ChurnClassifier:
    from_log = learn.target is None
    return churn.ChurnClassifier(
        learn.estimator.value,
        time=c.SNAPSHOT if from_log else learn.time,
        groups=c.CUSTOMER_ID if from_log else None,
        random_state=learn.seed,
    )


@command(churn_app, "score")
def score(source: LogOptions, saved: ChurnModel, to: ChurnScoring) -> None:
    """Say how likely each customer is to leave, and why, with a classifier that train wrote.

    Writes FILE, one row per customer: the probability of churn, and reasons in words.

    For example:

        crmanalytics churn score sales.csv --model churn --out risks.csv
    """
    check_suffix(to.out)
    check_folder(to.out.parent)
    with steps(4) as step:
        step("reading the classifier")
        classifier = load_classifier(saved.model)
        step("reading customers")
        table = scoring_table(source, classifier, to.at)
        step("scoring")
        name = c.CUSTOMER_ID if classifier.groups == c.CUSTOMER_ID else source.customer_id
        scored = scores_of(classifier, table, name, to.top)
        step("writing")
        write_table(to.out, scored)
        sweep(to.out.parent)
    _tell(classifier, table, scored)
    tell_files([(to.out, "one row per customer")])


def _tell(classifier: churn.ChurnClassifier, table: pd.DataFrame, scored: pd.DataFrame) -> None:
    mean = scored[c.CHURN_PROBABILITY].mean()
    typer.echo(
        f"{len(scored):,} customers, {mean:.1%} of them expected to leave "
        f"({classifier.training_['churn_rate']:.1%} in training)"
    )
    strange = classifier.column_report(table)
    for row in strange[strange["unseen"] > 0].itertuples():
        typer.echo(f"unseen in training: {row.feature} {row.unseen_values} ({row.unseen:.1%})")
