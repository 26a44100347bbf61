"""Note 11: the order of classes in a report."""

import ast
import re

from ..events import Event, Run
from ..following import arguments
from ..rule import Hits, at, hit, rule
from ..values import Const, Derived, Frame, Items, Object, Value, inside, made_by
from .loading import FOLDERS, compares_classes

REPORTS = {  # scikit-learn takes the true classes first
    "sklearn.metrics.confusion_matrix",
    "sklearn.metrics.classification_report",
    "sklearn.metrics.precision_score",
    "sklearn.metrics.recall_score",
    "sklearn.metrics.precision_recall_fscore_support",
    "sklearn.metrics.ConfusionMatrixDisplay.from_predictions",
    "sklearn.metrics.RocCurveDisplay.from_predictions",
    "sklearn.metrics.PrecisionRecallDisplay.from_predictions",
    "sklearn.metrics.roc_auc_score",
    "sklearn.metrics.average_precision_score",
    "sklearn.metrics.fbeta_score",
}
MATRICES = {
    "sklearn.metrics.confusion_matrix",
    "sklearn.metrics.ConfusionMatrixDisplay.from_predictions",
}
PREDICTED = re.compile(
    r"(^|_)(y_?)?(pred|predicted|prediction|hat|guess)(s|ed|ions)?(_|$)", re.I
)
TRUE = re.compile(
    r"(^|_)(y_?)?(true|target|label|gt|truth|actual|test|val)s?(_|$)|^y$", re.I
)
NAMED = {
    "display_labels",
    "xticklabels",
    "yticklabels",
    "target_names",
    "columns",
    "index",
}


def _label(expr: ast.expr) -> str:
    """The name in an expression that says what it holds."""
    while True:
        if isinstance(expr, ast.Call):
            inner = expr.func
            if isinstance(inner, ast.Attribute) and inner.attr not in (
                "cat",
                "concatenate",
                "array",
                "asarray",
            ):
                expr = inner.value  # preds.cpu().numpy()
            elif expr.args:
                expr = expr.args[0]
            else:
                return ""
        elif isinstance(expr, ast.Subscript):
            expr = expr.value
        elif isinstance(expr, ast.Attribute):
            return expr.attr
        else:
            return expr.id if isinstance(expr, ast.Name) else ""


@rule("NOTE111")
def matrix_without_labels(run: Run) -> Hits:
    """Find confusion matrices without labels in files that name rows themselves."""
    for event in _matrices(run):
        if _names_given(run, event):
            yield at(
                event,
                "The matrix has a row only for the classes that occur, and the names "
                "are given apart.",
            )


@rule("NOTE112")
def matrix_of_what_occurs(run: Run) -> Hits:
    """Find the other confusion matrices without labels."""
    for event in _matrices(run):
        if not _names_given(run, event):
            yield at(event, "The matrix has a row only for the classes that occur.")


def _matrices(run: Run) -> list[Event]:
    return [
        e
        for e in run.events
        if e.name in MATRICES
        and arguments.argument_expr(e.call, 2, "labels") is None
        and not arguments.has_spread(e.call)
    ]


def _names_given(run: Run, event: Event) -> bool:
    """Whether names for the rows of the matrix are given in the same function."""
    if any(k.arg == "display_labels" for k in event.call.keywords):
        return True
    made = run.value(event.node, event.frame)
    for other in run.events:
        if not isinstance(other.node, ast.Call) or other.index < event.index:
            continue
        named = any(k.arg in NAMED for k in other.call.keywords) or any(
            _are_names(v) for a in other.call.args for v in run.value(a, other.frame)
        )
        shown = [*other.call.args, *(k.value for k in other.call.keywords)]
        for expr in shown if named else ():
            for value in run.value(expr, other.frame):
                if made & inside(value):
                    return True
    return False


def _are_names(value: Value) -> bool:
    """Whether something is a list of names, written out or a folder's classes."""
    if isinstance(value, Items) and value.keys is None and len(value.values) > 1:
        return all(
            isinstance(v, Const) and v.kind is str
            for entry in value.values
            for v in entry
        )
    return _is_classes(value)


@rule("NOTE113")
def swapped_arguments(run: Run) -> Hits:
    """Read the names of the two arguments, or follow the first to an argmax."""
    for event in run.events:
        if not isinstance(event.node, ast.Call):
            continue
        if event.kind in ("loss", "grow", "store") or len(event.call.args) < 2:
            continue
        true, predicted = event.call.args[:2]
        if _is_torchmetric(event):
            true, predicted = predicted, true
        elif event.name not in REPORTS:
            continue
        first, second = _label(true), _label(predicted)
        by_name = PREDICTED.search(first) and not PREDICTED.search(second)
        if by_name and TRUE.search(second):
            yield at(
                event,
                f"{first} is given where the true classes belong, {second} where the "
                "predictions do.",
            )
            continue
        answers = [_are_answers(run, e, event.frame) for e in (true, predicted)]
        if answers == [True, False]:
            yield at(
                event,
                "An argmax is given where the true classes belong, and none where "
                "the predictions do.",
            )


def _is_torchmetric(event: Event) -> bool:
    """Whether a metric of torchmetrics, which takes the predictions first, is called.

    Its objects are called, or updated.
    """
    if event.name.startswith("torchmetrics.functional."):
        return True
    if event.name not in (".update", ".forward"):
        return any(made_by(v).startswith("torchmetrics.") for v in event.subject)
    return bool(event.subject) and all(
        made_by(v).startswith("torchmetrics.") for v in event.subject
    )


def _are_answers(run: Run, expr: ast.expr, frame: Frame) -> bool:
    """Whether something was certainly made by an argmax."""
    values = run.value(expr, frame)
    return bool(values) and all(
        any(
            made_by(part) in ("torch.argmax", "numpy.argmax")
            or (
                isinstance(part, Object)
                and isinstance(part.of, Derived)
                and part.of.name == "argmax"
            )
            for part in inside(value)
        )
        for value in values
    )


@rule("NOTE114")
def names_of_another_folder(run: Run) -> Hits:
    """Find reports whose names come from a folder beside another, compared nowhere."""
    reports = [e for e in run.events if e.name in REPORTS or "heatmap" in e.name]
    if not reports or run.once(compares_classes):
        return
    folders = {e.node for other in run.others for e in other.named(FOLDERS)}
    for event in reports if len(folders) > 1 else ():
        for keyword in event.call.keywords:
            if keyword.arg in NAMED | {"labels"} and any(
                _is_classes(part)
                for v in run.value(keyword.value, event.frame)
                for part in inside(v)
            ):
                yield hit(
                    keyword.value,
                    event.frame,
                    "These names belong to one folder of two, and nothing compares the "
                    "classes of the two.",
                )


def _is_classes(value: Value) -> bool:
    return (
        isinstance(value, Derived)
        and value.name == "classes"
        and any(isinstance(p, Object) and made_by(p) == FOLDERS for p in value.parts)
    )
