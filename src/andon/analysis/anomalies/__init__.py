"""Anomalies: what in a series, or in which of many series, is strange now, judged by the past alone.

A detector looks at a series from several sides, says of each value how seldom that side has shown its like
before, and raises one alarm an episode. It knows nothing of services, windows of incidents or causes.
"""

from andon.analysis.anomalies.detector import Detector, Scores, detect
from andon.analysis.anomalies.group import GroupAlarms, abnormal_now
from andon.analysis.anomalies.periods import find_period

__all__ = ["Detector", "GroupAlarms", "Scores", "abnormal_now", "detect", "find_period"]
