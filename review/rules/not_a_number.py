"""Note 7: checks for NaN that cannot fire, and what they leave behind."""

import ast
import re

from ..events import Around, Event, Run
from ..kinds import identifier
from ..order import STEPS, every_few, loop_with
from ..rule import Hits, hit, line_of, rule
from ..syntax import leaves
from ..values import Const, External, Object, made_by
from .stepping import clears

NOT_A_NUMBER = {"math.nan", "numpy.nan", "numpy.NaN", "numpy.NAN", "torch.nan"}
ASKS = {"isnan", "isfinite", "isinf", "nan_to_num"}
EXPLODES = re.compile(r"(^|_)(loss|norm|grad)", re.I)
LARGE = 10  # a limit on a loss below may have another meaning than "it explodes"


@rule("NOTE074")
def skipped_uncleared(run: Run) -> Hits:
    """Find steps that a check lets out together with the clearing behind them."""
    seen = set()
    for back in run.of("backward"):
        loop = loop_with(run, back, *STEPS[:1])
        if loop is None:
            continue
        cleared = [e for e in run.round_of(loop) if clears(e)]
        shared = _shared(cleared, loop)
        for arm in shared:
            test = getattr(arm.node, "test", None)
            if test is None or arm in back.around or every_few(arm) or arm in seen:
                continue
            if any(e.index < back.index for e in cleared) or not _asks(test):
                continue
            seen.add(arm)
            where = line_of(cleared[0].node, cleared[0].frame)
            yield hit(
                test,
                arm.frame,
                f"Where this check skips the step, it skips the clearing of {where} "
                "too: the bad gradients are added to the next batch's.",
            )


def _shared(events: list[Event], loop: Around) -> list[Around]:
    """The branches of a round that all of some events lie in."""
    if not events:
        return []
    first, *rest = (e.arms_inside(loop) for e in events)
    return [arm for arm in first if all(arm in arms for arms in rest)]


def _asks(test: ast.expr) -> bool:
    """Whether a condition asks if something is a finite number."""
    return any(
        isinstance(n, ast.Call) and identifier(n.func) in ASKS for n in ast.walk(test)
    )


@rule("NOTE075")
def compared_with_nan(run: Run) -> Hits:
    """Find comparisons whose other side is NaN itself."""
    if run.root is not None or "nan" not in run.main.text.lower():
        return
    for node in run.main.parent:
        match node:
            case ast.Compare(ops=[ast.Eq() | ast.Is()], comparators=[right]):
                always = "never"
            case ast.Compare(ops=[ast.NotEq() | ast.IsNot()], comparators=[right]):
                always = "always"
            case _:
                continue
        if _is_nan(run, node.left) or _is_nan(run, right):
            text = f"NaN equals nothing, itself included: this is {always} true."
            yield hit(node, run.frame, text)


def _is_nan(run: Run, expr: ast.expr) -> bool:
    if not isinstance(expr, ast.Attribute | ast.Name | ast.Call):
        return False
    for value in run.value(expr, run.frame):
        if isinstance(value, External) and value.name in NOT_A_NUMBER:
            return True
        if isinstance(value, Const) and value.kind is float:
            return value.value != value.value
        if made_by(value) == "builtins.float" and isinstance(value, Object):
            match value.call:
                case ast.Call(args=[ast.Constant(value=str(text))]):
                    return text.strip("+-").lower() == "nan"
    return False


@rule("NOTE076")
def nan_below_limit(run: Run) -> Hits:
    """Find stops at a large loss in files that never ask for NaN."""
    if run.root is not None or "backward" not in run.main.calls:
        return
    if run.main.calls & ASKS or "detect_anomaly" in run.main.calls:
        return
    for node in run.main.parent:
        match node:
            case ast.If(
                test=ast.Compare(left, [ast.Gt() | ast.GtE()], [limit]), body=body
            ):
                pass
            case _:
                continue
        if not EXPLODES.search(_label(left)) or not leaves(body):
            continue
        values = run.value(limit, run.frame)
        if values and all(
            isinstance(v, Const) and v.kind in (int, float) and v.value >= LARGE
            for v in values
        ):
            text = f"With NaN this is false, and {_label(left)} = NaN goes on."
            yield hit(node.test, run.frame, text)


def _label(expr: ast.expr) -> str:
    """The name of a number: ``loss`` of ``loss.item()``."""
    while isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
        expr = expr.func.value
    return identifier(expr)
