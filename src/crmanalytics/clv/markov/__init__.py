"""Customers as Markov chains: their value, the best policy, and the estimate from a panel."""

from crmanalytics.clv.markov.chain import MarkovChain
from crmanalytics.clv.markov.estimate import TransitionEstimate, estimate_transitions
from crmanalytics.clv.markov.mailing import mailing_chain, mailing_policy, optimal_stopping
from crmanalytics.clv.markov.policy import optimal_policy

__all__ = [
    "MarkovChain",
    "TransitionEstimate",
    "estimate_transitions",
    "mailing_chain",
    "mailing_policy",
    "optimal_policy",
    "optimal_stopping",
]
