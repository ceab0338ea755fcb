"""Conditions of a drill in words: what exercise control reads is a sentence in its language, not the script's code."""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache

from rescuecmd.condition import Operand, Value
from rescuecmd.text import Text

Names = Callable[[str], Text]
"""The name of a unit, a person, a place or a card by its id."""

_FACTS: Mapping[str, Text] = {
    "t": Text("演练时间（秒）", "drill time (s)"),
    "level": Text("水位（m）", "level (m)"),
    "rise_rate": Text("每分钟涨水（m）", "rise per minute (m)"),
    "current": Text("流速（m/s）", "current (m/s)"),
}
_CALLS: Mapping[str, Text] = {
    "dist": Text("{0}距{1}（m）", "distance of {0} to {1} (m)"),
    "count_on": Text("{0}上的人数", "people on {0}"),
    "margin": Text("{0}余高（m）", "room at {0} (m)"),
    "pushed": Text("已推送{0}卡", "card {0} was pushed"),
    "age": Text("{0}卡推送后（秒）", "time since card {0} (s)"),
    "acked": Text("{0}卡已答复", "card {0} was answered"),
    "unacked": Text("未答复{0}卡的终端数", "terminals that have not answered card {0}"),
    "declined": Text("拒绝{0}卡的终端数", "terminals that declined card {0}"),
    "waiting": Text("{0}待救人数", "waiting of {0}"),
    "aboard": Text("{0}在艇人数", "aboard of {0}"),
    "safe": Text("{0}获救人数", "safe of {0}"),
    "lost": Text("{0}失踪人数", "lost of {0}"),
    "adrift": Text("{0}水中人数", "in the water of {0}"),
    "clear": Text("{0}已清空", "{0} is clear"),
    "link": Text("{0}通信正常", "{0} is in touch"),
    "disabled": Text("{0}失去动力", "{0} has no power"),
    "replaced": Text("航线已更换", "a route was replaced"),
    "grouped": Text("任务编组数", "task groups"),
}
_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠",
}  # fmt: skip
_REACH: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}
_BY_ONE = Text("{1}已答复{0}卡", "{1} has answered card {0}")


def speak(condition: str, names: Names) -> Text:
    """Return a condition, one that its loader has taken, in words; its ids are said by their names."""
    return _say(_parsed(condition), names)


def speak_part(part: Operand, names: Names) -> Text:
    """Return a part of a condition in words with how it stands now, and by which value if it compares one."""
    said, stands = speak(part.text, names), _stands(part.value)
    found = next((one.value for one in part.parts[:1] if isinstance(one.value, float)), None)
    now = Text("", "") if found is None else Text(f"（现为 {found:.2f}）", f" (now {found:.2f})")
    return Text(f"{said.zh}：{stands.zh}{now.zh}", f"{said.en}: {stands.en}{now.en}")


def _stands(value: Value) -> Text:
    if value is None:
        return Text("未知", "unknown")
    if isinstance(value, bool):
        return Text("已成立", "so") if value else Text("未成立", "not so")
    plain = f"{value:g}" if isinstance(value, float | int) else value
    return Text(plain, plain)


@lru_cache(maxsize=256)
def _parsed(condition: str) -> ast.expr:
    return ast.parse(condition.strip(), mode="eval").body


def _say(node: ast.expr, names: Names) -> Text:
    if isinstance(node, ast.BoolOp):
        word = Text(" 且 ", " and ") if isinstance(node.op, ast.And) else Text(" 或 ", " or ")
        parts = [_grouped(part, names) for part in node.values]
        return Text(word.zh.join(part.zh for part in parts), word.en.join(part.en for part in parts))
    if isinstance(node, ast.UnaryOp):
        said = _grouped(node.operand, names)
        return Text(f"非（{said.zh}）", f"not {said.en}") if isinstance(node.op, ast.Not) else _joined("−", said)
    if isinstance(node, ast.Compare):
        said = _grouped(node.left, names)
        for sign, right in zip(node.ops, node.comparators, strict=True):
            said = _joined(f" {_COMPARE[type(sign)]} ", said, _grouped(right, names))
        return said
    if isinstance(node, ast.BinOp):
        return _joined(f" {_REACH[type(node.op)]} ", _grouped(node.left, names), _grouped(node.right, names))
    return _leaf(node, names)


def _grouped(node: ast.expr, names: Names) -> Text:
    said = _say(node, names)
    return Text(f"（{said.zh}）", f"({said.en})") if isinstance(node, ast.BoolOp | ast.BinOp) else said


def _joined(sign: str, *parts: Text) -> Text:
    if len(parts) == 1:
        return Text(sign + parts[0].zh, sign + parts[0].en)
    return Text(sign.join(part.zh for part in parts), sign.join(part.en for part in parts))


def _leaf(node: ast.expr, names: Names) -> Text:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        told = [names(arg.value) for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        form = _BY_ONE if node.func.id == "acked" and len(told) > 1 else _CALLS[node.func.id]
        return Text(form.zh.format(*(name.zh for name in told)), form.en.format(*(name.en for name in told)))
    if isinstance(node, ast.Name):
        return _FACTS[node.id]
    plain = ast.unparse(node)
    return Text(plain, plain)
