"""Conditions people write in plan cards and drills: a small subset of Python expressions with an unknown value.

Comparisons, ``and or not``, ``+ - * /``, numbers, ``True`` and ``False``, declared names, and calls of declared
functions with quoted ids. Nothing else: no attribute, index, comprehension, keyword or other call. The text is
parsed by `ast`, checked whole when the file is loaded, and compiled to closures.

A fact that is not known is ``None`` and stays so: arithmetic and comparisons with it are unknown, ``unknown and
false`` is false, ``unknown or true`` is true (strong Kleene logic). A trigger fires, and a limit holds, on true alone.
"""

import ast
import math
import operator
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rescuecmd.errors import InputError, unknown

MAX_LENGTH = 400  # characters; the longest of our own is 120
MAX_DEPTH = 24  # nested operations; keeps compiling and evaluating far from the recursion limit

Value: TypeAlias = float | bool | str | None
Facts: TypeAlias = Mapping[str, "Value | Callable[..., Value]"]
"""What is known now: a value by name, a callable by function name. A missing name is unknown."""

_Run: TypeAlias = Callable[[Facts], Value]

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISON: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_SHAPES: Mapping[type[ast.AST], str] = {
    ast.Attribute: "an attribute (a dot)",
    ast.Subscript: "an index",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.Lambda: "a lambda",
    ast.IfExp: "an 'if ... else'",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Tuple: "a list of values",
    ast.List: "a list of values",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.Starred: "a star",
}


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of a condition as it stands: its text, its present value, its own parts.

    ``value`` is a truth, a number or None (unknown).
    """

    text: str
    value: Value
    parts: tuple["Operand", ...] = ()

    @property
    def truth(self) -> bool | None:
        """The value as a truth: None where it is unknown."""
        return _truth(self.value)


@dataclass(frozen=True, slots=True)
class _Node:
    text: str
    run: _Run
    parts: tuple["_Node", ...] = ()
    joins: bool = False  # an and, or, not: its parts are truths

    def explain(self, facts: Facts) -> Operand:
        return Operand(self.text, self.run(facts), tuple(part.explain(facts) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked and compiled condition; ``uses`` are the names and functions it reads."""

    text: str
    uses: frozenset[str]
    root: _Node

    def evaluate(self, facts: Facts) -> bool | None:
        """Return whether it holds now: true, false, or None where what is known does not decide it."""
        return _truth(self.root.run(facts))

    def explain(self, facts: Facts) -> Operand:
        """Return the tree of its parts with their present values."""
        return self.root.explain(facts)

    def blocking(self, facts: Facts) -> tuple[Operand, ...]:
        """Return the smallest parts that keep it from being true now; empty when it is true."""
        return tuple(_blocking(self.root, facts))


def compile_condition(
    text: str,
    names: Collection[str] = (),
    functions: Mapping[str, tuple[str, ...]] | None = None,
    ids: Mapping[str, Collection[str]] | None = None,
) -> Condition:
    """Return the condition a person wrote, checked against what the caller knows.

    Parameters
    ----------
    text
        At most 400 characters.
    names
        Values that may be read, for instance ``level``.
    functions
        By name, the kind of each argument: ``number``, or a key of `ids` (the argument is then a quoted id of that
        kind). A kind with a question mark at its end may be left out.
    ids
        By kind, the ids that exist.

    Raises
    ------
    InputError
        Not a condition of this form; the sentence shows the part that is wrong.
    NotFoundError
        A name, function or id that does not exist; the nearest right one is named.
    """
    if len(text) > MAX_LENGTH:
        raise InputError("condition-too-long", f"a condition has at most {MAX_LENGTH} characters, got {len(text)}")
    compiler = _Compiler(text, names, functions or {}, ids or {})
    tree = _parse(text)
    if isinstance(tree, ast.BinOp | ast.UnaryOp) and not isinstance(getattr(tree, "op", None), ast.Not):
        raise _bad(text, "a condition must be true or false; compare the number with something")
    if isinstance(tree, ast.Constant) and not isinstance(tree.value, bool):
        raise _bad(text, "a condition must be true or false; compare the number with something")
    root = compiler.node(tree, 1)
    return Condition(text.strip(), frozenset(compiler.uses), root)


def _parse(text: str) -> ast.expr:
    if "\\" in text:
        raise _bad(text, "a backslash is not allowed in a condition")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        raise _bad(text, f"not an expression{where}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError, Warning) as error:
        raise _bad(text, f"not an expression: {error}") from None


@dataclass(frozen=True, slots=True)
class _Compiler:
    source: str
    names: Collection[str]
    functions: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, Collection[str]]

    @property
    def uses(self) -> set[str]:
        """Names and functions of the source (after it was checked)."""
        return {item.id for item in ast.walk(_parse(self.source)) if isinstance(item, ast.Name)}

    def node(self, tree: ast.expr, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise _bad(self.source, f"nested deeper than {MAX_DEPTH}")
        text = ast.get_source_segment(self.source.strip(), tree) or ""
        match tree:
            case ast.Constant():
                return _constant(self.source, text, tree.value)
            case ast.Name(id=name):
                return self._name(text, name)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                part = self.node(inner, depth + 1)
                return _Node(text, _negation(part.run), (part,), joins=True)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                part = self.node(inner, depth + 1)
                return _Node(text, _arithmetic(operator.sub, lambda _: 0.0, part.run), (part,))
            case ast.BoolOp(op=op, values=values):
                parts = tuple(self.node(value, depth + 1) for value in values)
                return _Node(text, _join(parts, decides=isinstance(op, ast.Or)), parts, joins=True)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                parts = (self.node(left, depth + 1), self.node(right, depth + 1))
                return _Node(text, _arithmetic(_ARITHMETIC[type(op)], parts[0].run, parts[1].run), parts)
            case ast.Compare(left=left, ops=ops, comparators=rights) if all(type(op) in _COMPARISON for op in ops):
                parts = tuple(self.node(item, depth + 1) for item in (left, *rights))
                return _Node(text, _comparison([_COMPARISON[type(op)] for op in ops], [p.run for p in parts]), parts)
            case ast.Call():
                return self._call(tree, text, depth)
        what = _SHAPES.get(type(tree), f"this ({type(getattr(tree, 'op', tree)).__name__})")
        raise _bad(self.source, f"{what} is not allowed in a condition: {text!r}")

    def _name(self, text: str, name: str) -> _Node:
        if name in self.functions:
            raise _bad(self.source, f"{name} is a function; write {_usage(name, self.functions[name])}")
        if name not in self.names:
            raise unknown("name", name, self.names)
        return _Node(text, lambda facts: _clean(facts.get(name)))

    def _call(self, tree: ast.Call, text: str, depth: int) -> _Node:
        if not isinstance(tree.func, ast.Name):
            raise _bad(self.source, f"only the declared functions may be called, not {text!r}")
        name = tree.func.id
        if name not in self.functions:
            raise unknown("function", name, self.functions)
        kinds = self.functions[name]
        least = sum(not kind.endswith("?") for kind in kinds)
        if tree.keywords or not least <= len(tree.args) <= len(kinds):
            raise _bad(self.source, f"expected {_usage(name, kinds)}, got {text!r}")
        parts = tuple(
            self._argument(item, kind.removesuffix("?"), depth) for item, kind in zip(tree.args, kinds, strict=False)
        )
        runs = [part.run for part in parts]

        def run(facts: Facts) -> Value:
            function = facts.get(name)
            values = [argument(facts) for argument in runs]
            if not callable(function) or None in values:
                return None
            return _clean(function(*values))

        numbers = tuple(part for part in parts if part.text[:1] not in {"'", '"'})
        return _Node(text, run, numbers)

    def _argument(self, tree: ast.expr, kind: str, depth: int) -> _Node:
        if kind == "number":
            return self.node(tree, depth + 1)
        text = ast.get_source_segment(self.source.strip(), tree) or ""
        if not (isinstance(tree, ast.Constant) and isinstance(tree.value, str)):
            raise _bad(self.source, f"expected the quoted id of a {kind}, got {text!r}")
        known, value = self.ids.get(kind, ()), tree.value
        if value not in known:
            raise unknown(kind, value, known)
        return _Node(text, lambda _: value)


def _constant(source: str, text: str, value: object) -> _Node:
    if isinstance(value, bool):
        return _Node(text, lambda _: value)
    if isinstance(value, int | float) and math.isfinite(value):
        number = float(value)
        return _Node(text, lambda _: number)
    if isinstance(value, str):
        raise _bad(source, f"a quoted id stands only inside a function, got {text}")
    raise _bad(source, f"expected a number, got {text!r}")


def _negation(run: _Run) -> _Run:
    def negate(facts: Facts) -> Value:
        truth = _truth(run(facts))
        return None if truth is None else not truth

    return negate


def _join(parts: tuple[_Node, ...], *, decides: bool) -> _Run:
    runs = tuple(part.run for part in parts)

    def join(facts: Facts) -> Value:
        open_ = False
        for run in runs:
            truth = _truth(run(facts))
            if truth is decides:
                return decides
            open_ = open_ or truth is None
        return None if open_ else not decides

    return join


def _arithmetic(operation: Callable[[float, float], float], left: _Run, right: _Run) -> _Run:
    def compute(facts: Facts) -> Value:
        first, second = _number(left(facts)), _number(right(facts))
        if first is None or second is None or (operation is operator.truediv and second == 0):
            return None
        return _clean(operation(first, second))

    return compute


def _comparison(operations: list[Callable[[float, float], bool]], runs: list[_Run]) -> _Run:
    if len(operations) == 1:
        operation, left_run, right_run = operations[0], *runs

        def compare_two(facts: Facts) -> Value:
            left, right = _number(left_run(facts)), _number(right_run(facts))
            return None if left is None or right is None else operation(left, right)

        return compare_two

    def compare(facts: Facts) -> Value:
        values = [_number(run(facts)) for run in runs]
        open_ = False
        for operation, left, right in zip(operations, values, values[1:], strict=False):
            if left is None or right is None:
                open_ = True
            elif not operation(left, right):
                return False
        return None if open_ else True

    return compare


def _blocking(node: _Node, facts: Facts) -> Iterator[Operand]:
    if _truth(node.run(facts)) is True:
        return
    held_back = [part for part in node.parts if _truth(part.run(facts)) is not True]
    if node.joins and held_back:
        for part in held_back:
            yield from _blocking(part, facts)
    else:
        yield node.explain(facts)


def _truth(value: Value) -> bool | None:
    return value if value is True or value is False or value is None else bool(value)


def _number(value: Value) -> float | None:
    if value.__class__ is float:  # the common case first: conditions are evaluated many times a second
        return value
    return None if value is None or isinstance(value, str) else float(value)


def _clean(value: object) -> Value:
    """Return a fact as a value; what is not finite is unknown."""
    if value is None or value is True or value is False or value.__class__ is str:
        return value
    number = float(value)  # type: ignore[arg-type]  # a fact that is neither is the caller's error
    return number if math.isfinite(number) else None


def _usage(name: str, kinds: tuple[str, ...]) -> str:
    inside = ", ".join(kind if kind.startswith("number") else f"'{kind}'" for kind in kinds)
    return f"{name}({inside})"


def _bad(source: str, message: str) -> InputError:
    return InputError("bad-condition", f"{message} (in {source.strip()!r})" if source.strip() else "empty condition")
