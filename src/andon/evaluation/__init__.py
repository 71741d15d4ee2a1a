"""How right we are: ground truth, verdicts, causal chains, calibration, and how sure each figure is.

Pure functions on what was named and what was true. Knows nothing of how a cause is found, of where cases come from
or of how figures are shown; reads nothing but truth files.
"""

from andon.evaluation.calibration import Bin, Binning, brier_score, calibration_error, reliability
from andon.evaluation.calibration_map import CalibrationMap, Fit, fit_map, held_out, try_map
from andon.evaluation.ground_truth import Culprit, Decoy, GroundTruth, read_ground_truth
from andon.evaluation.grounding import Grounding, ground
from andon.evaluation.intervals import bootstrap, wilson
from andon.evaluation.verdict import Level, Named, Verdict, judge

__all__ = [
    "Bin",
    "Binning",
    "CalibrationMap",
    "Culprit",
    "Decoy",
    "Fit",
    "GroundTruth",
    "Grounding",
    "Level",
    "Named",
    "Verdict",
    "bootstrap",
    "brier_score",
    "calibration_error",
    "fit_map",
    "ground",
    "held_out",
    "judge",
    "read_ground_truth",
    "reliability",
    "try_map",
    "wilson",
]
