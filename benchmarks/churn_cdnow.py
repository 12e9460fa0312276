"""Who of CDNOW's customers will not come back: a classifier beside the BG/NBD, out of time.

Run it with ``python benchmarks/churn_cdnow.py``. Both know what was known on 1 January 1998 and are
judged by the 180 days that followed; the classifier has learned from earlier snapshots whose
outcome windows had ended by then. Intervals of the AUC are clustered bootstraps.
"""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

import crmanalytics as crm

TEST = "1998-01-01"
TRAIN = ["1997-05-01", "1997-06-01", "1997-07-01"]
HORIZON = 180


def main() -> None:
    log = crm.datasets.load_cdnow()
    rows = crm.churn.panel(
        log,
        snapshots=[*TRAIN, TEST],
        horizon=HORIZON,
        windows=(30, 60),
        extra={"purchases": crm.clv.BGNBD.fit, "horizon": HORIZON},
    )
    train, test = next(crm.churn.SnapshotSplit(rows, n_splits=1).split(rows))
    keys = ["customer_id", "snapshot", "outcome_start", "outcome_end", "churned"]
    features = rows.drop(columns=keys)
    learner = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.06, max_leaf_nodes=8, random_state=0
    )
    learner.fit(features.iloc[train], rows["churned"].iloc[train])
    judged = rows.iloc[test]

    customers = crm.summarize(log, until="1997-12-31", unit="D")
    baseline = crm.clv.BGNBD.fit(customers).model.probability_active(customers, HORIZON)
    inactive = dict(zip(customers["customer_id"], 1 - np.asarray(baseline), strict=True))
    scores = {
        "classifier": learner.predict_proba(features.iloc[test])[:, 1],
        "BG/NBD": judged["customer_id"].map(inactive).to_numpy(),
    }
    print(f"{len(judged):,} customers, {judged['churned'].mean():.1%} of them did not come back")
    for name, score in scores.items():
        scored = judged.assign(churn_probability=score)
        found = crm.churn.evaluate(scored).set_index("metric")
        shown = [
            f"{m} {found.loc[m, 'estimate']:.4f} [{found.loc[m, 'low']:.4f}, "
            f"{found.loc[m, 'high']:.4f}]"
            for m in ("auc", "brier")
        ]
        print(f"{name:<12} {'; '.join(shown)}")


if __name__ == "__main__":
    main()
