"""WATER AND ITS SHAPE: a river's axis, bed and places, and the level, current and depth of its water.

Everything here is pure: arrays and frozen values in, arrays and frozen values out. `model.River` is the shape,
`water.Water` is what is known of the level at one moment, `submergence.submergence` says when a place goes under.

Rules: lengths in m, levels in m above the river's one vertical datum, times in s since epoch (UTC); chainage grows
downstream, offset is positive towards the left bank looking downstream; what is not surveyed is NaN, never a guess;
outside the river, the time or the levels covered is `NotCoveredError`.
"""
