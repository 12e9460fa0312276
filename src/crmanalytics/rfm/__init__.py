"""RFM: who bought recently, often and for much, and what to call them.

>>> import pandas as pd
>>> import crmanalytics as crm
>>> customers = pd.DataFrame(
...     {"days_since_last": [2, 300, 40], "orders": [12, 1, 3], "total": [950.0, 20.0, 110.0]}
... )
>>> customers.pipe(crm.rfm.score).pipe(crm.rfm.segment)["segment"].tolist()
['Champions', 'Hibernating', 'Need Attention']
"""

from crmanalytics.rfm.breaks import breaks
from crmanalytics.rfm.cutpoints import Breaks
from crmanalytics.rfm.grid import grid
from crmanalytics.rfm.profile import profile
from crmanalytics.rfm.rulebook import Rules
from crmanalytics.rfm.rules import rules
from crmanalytics.rfm.score import score
from crmanalytics.rfm.segment import segment

__all__ = ["Breaks", "Rules", "breaks", "grid", "profile", "rules", "score", "segment"]
