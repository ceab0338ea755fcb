"""The words that `rescuecmd river` has for kinds, states and trust, in both languages."""

from rescuecmd.text import Text

TIERS = {
    "stored": Text("模型存储水面线", "a stored model run"),
    "family": Text("计算水面线", "the computed surface"),
    "gauges": Text("直线内插", "straight lines"),
}
KINDS = {
    "reef": Text("礁石", "reef"), "beach": Text("江滩", "beach"), "landing": Text("上岸点", "landing"),
    "ramp": Text("坡道", "ramp"), "pontoon": Text("趸船", "pontoon"), "bridge": Text("桥梁", "bridge"),
    "safe_ground": Text("安全地", "safe ground"),
}  # fmt: skip
STATES = {"dry": Text("露出", "dry"), "awash": Text("半露", "awash"), "submerged": Text("暗礁", "submerged")}
TRUST = {"high": Text("高", "high"), "medium": Text("中", "medium"), "low": Text("低", "low")}
