"""Note 5: what goes into a loss, and where its weights are."""

import ast
from collections.abc import Iterator

from review import calling, names
from review.classes import is_network
from review.events import Event, Run
from review.kinds import NETWORK_NAME, identifier
from review.order import loop_with
from review.rule import Hits, hit, line_of, rule
from review.values import (
    Const,
    Derived,
    External,
    Object,
    Output,
    Partial,
    Value,
    Values,
    made_by,
    unwrap,
)

FLOOR = "log(1 + (C - 1)/e)"


def certainly(values: Values, kind: str) -> Output | None:
    """The tensor of a kind that something certainly is; which one does not matter."""
    known = [v for v in values if v != Const(None, type(None))]
    outputs = [v for v in known if isinstance(v, Output) and v.kind == kind]
    return outputs[0] if outputs and len(outputs) == len(known) else None


def loss_name(event: Event) -> str:
    """The loss that an event certainly computes, by its qualified name, or nothing."""
    found = set()
    for value in event.subject:
        target = value.target if isinstance(value, Partial) else value
        if isinstance(target, External):
            found.add(target.name)
        elif value != Const(None, type(None)):
            found.add(made_by(value))
    return found.pop() if len(found) == 1 else ""


def _inputs(run: Run, wanted: set[str]) -> Iterator[tuple[Event, str, Values]]:
    """The calls of some losses, with what they are given."""
    for event in run.of("loss"):
        loss = loss_name(event)
        if loss in wanted:
            short = loss.removeprefix("torch.nn.").removeprefix("functional.")
            yield event, short, run.argument(event, 0, "input")


@rule("NOTE051")
def softmax_into_cross_entropy(run: Run) -> Hits:
    """Follow what goes into cross-entropy back to a softmax."""
    for event, loss, inputs in _inputs(run, names.CROSS_ENTROPY):
        if (output := certainly(inputs, "softmax")) is not None:
            where = line_of(event.node, event.frame)
            yield hit(
                output.node,
                output.frame,
                f"This softmax reaches {loss} in {where}, which applies one itself: "
                f"the loss cannot fall below {FLOOR} for C classes.",
            )


@rule("NOTE052")
def log_softmax_of_softmax(run: Run) -> Hits:
    """Look at what each log_softmax is applied to."""
    for event in run.events:
        if not isinstance(event.node, ast.Call):
            continue
        if not (
            event.name.endswith("log_softmax")
            or any(made_by(v) == "torch.nn.LogSoftmax" for v in event.subject)
        ):
            continue
        for value in run.value(event.node, event.frame):
            inner = value.of if isinstance(value, Output) else None
            if isinstance(inner, Output) and inner.kind == "softmax":
                where = line_of(inner.node, inner.frame)
                yield hit(
                    event.node,
                    event.frame,
                    f"This log_softmax is applied to the softmax of {where}: two in a "
                    f"row, and the loss cannot fall below {FLOOR} for C classes.",
                )


@rule("NOTE053")
def sigmoid_into_logits_loss(run: Run) -> Hits:
    """Follow what goes into the losses that take logits back to a sigmoid."""
    wanted = names.BCE_LOGITS | names.CROSS_ENTROPY
    for event, loss, inputs in _inputs(run, wanted):
        if (output := certainly(inputs, "sigmoid")) is not None:
            where = line_of(event.node, event.frame)
            yield (
                output.node,
                output.frame,
                (f"This sigmoid reaches {loss} in {where}, which takes raw outputs."),
            )
    for event, loss, inputs in _inputs(run, names.BCE_LOGITS):
        if (output := certainly(inputs, "softmax")) is not None:
            where = line_of(event.node, event.frame)
            yield (
                output.node,
                output.frame,
                (f"This softmax reaches {loss} in {where}, which takes raw outputs."),
            )


@rule("NOTE054")
def nll_without_log(run: Run) -> Hits:
    """Follow what goes into NLLLoss back to a softmax or a linear layer."""
    for event, loss, inputs in _inputs(run, names.NLL):
        for kind, what in (("softmax", "probabilities"), ("logits", "raw outputs")):
            output = certainly(inputs, kind)
            if output is not None:
                where = line_of(output.node, output.frame)
                yield hit(
                    event.node,
                    event.frame,
                    f"{loss} takes log-probabilities, not the {what} of {where}.",
                )


@rule("NOTE055")
def redundant_log_softmax(run: Run) -> Hits:
    """Follow what goes into cross-entropy back to a log_softmax."""
    for event, loss, inputs in _inputs(run, names.CROSS_ENTROPY):
        if (output := certainly(inputs, "log_softmax")) is not None:
            where = line_of(event.node, event.frame)
            yield (
                output.node,
                output.frame,
                (f"This log_softmax reaches {loss} in {where}: redundant, and exact."),
            )


@rule("NOTE056")
def weights_on_the_cpu(run: Run) -> Hits:
    """Find weighted losses that no ``.to`` reaches, beside a network that is moved."""
    if not run.once(_moves_a_network):
        return
    moved = run.once(_moved)
    for event in run.events:
        if not isinstance(event.node, ast.Call) or not _makes_loss(run, event):
            continue
        if "functional" in event.name and loop_with(run, event, "backward") is None:
            continue
        (made,) = run.value(event.node, event.frame)
        weights = run.argument(event, 0, "weight") or run.argument(
            event, None, "pos_weight"
        )
        if made in moved or not weights or not all(map(_on_cpu, weights)):
            continue
        if moved & weights or _moves_along(run, made):
            continue
        yield hit(
            event.node,
            event.frame,
            "The network goes to a device; these class weights, made on the CPU, and "
            "the loss that holds them do not.",
        )


def _moved(run: Run) -> set[Value]:
    """Everything that goes to some device."""
    return {
        unwrap(v)
        for other in run.others
        for e in other.named(".to", ".cuda")
        for v in e.subject
    }


def _makes_loss(run: Run, event: Event) -> bool:
    values = run.value(event.node, event.frame)
    return len(values) == 1 and any(
        made_by(v) in names.LOSSES and isinstance(v, Object) and v.call is event.node
        for v in values
    )


def _moves_a_network(run: Run) -> bool:
    """Whether a network goes to a device that is not certainly the CPU."""
    for event in (e for other in run.others for e in other.named(".to", ".cuda")):
        func = event.call.func
        named = isinstance(func, ast.Attribute) and NETWORK_NAME.search(
            identifier(func.value)
        )
        if not named and not any(is_network(run.follower, v) for v in event.subject):
            continue
        if event.name == ".cuda":
            return True
        device = run.argument(event, 0, "device")
        if device and not all(
            isinstance(v, Const) and v.value == "cpu" for v in device
        ):
            return True
    return False


def _on_cpu(value: Value) -> bool:
    """Whether a tensor was certainly made on the CPU and stayed there."""
    if isinstance(value, Derived) and value.how in ("Div", "Mult", "Add", "Sub"):
        tensors = [p for p in value.parts if not isinstance(p, Const)]
        return bool(tensors) and all(map(_on_cpu, tensors))
    made = made_by(value)
    if not isinstance(value, Object) or value.call is None:
        return False
    if made in ("torch.tensor", "torch.as_tensor", "torch.FloatTensor", "torch.ones",
                "torch.Tensor", "torch.from_numpy", "torch.zeros"):  # fmt: skip
        return calling.argument(value.call, None, "device") is None
    if isinstance(value.of, Derived) and value.of.how == "attr":
        stays = value.of.name not in ("to", "cuda")
        return stays and all(map(_on_cpu, value.of.parts))
    return False


def _moves_along(run: Run, loss: Value) -> bool:
    """Whether a loss is part of a network, which takes it along when it is moved."""
    frame = loss.frame if isinstance(loss, Object) else None
    owner = frame.owner if frame is not None else None
    return owner is not None and is_network(run.follower, owner)
