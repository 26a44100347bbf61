"""Note 5: what goes into a loss, and where its weights are."""

import ast
from collections.abc import Iterator

from .. import names
from ..events import Event, Run
from ..following import arguments
from ..following.classes import inherits, is_network
from ..kinds import NETWORK_NAME, identifier
from ..order import loop_with
from ..rule import Hits, hit, line_of, rule
from ..values import (
    NOTHING,
    Class,
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

MADE_ON_CPU = {
    "torch." + name
    for name in (
        "tensor", "as_tensor", "FloatTensor", "ones", "Tensor", "from_numpy", "zeros",
        "full", "arange",
    )
}  # fmt: skip
AS_THEIR_INPUT = {"torch.bincount", "torch.sqrt", "torch.log", "torch.pow"}
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
    for event in run.named(*names.LOSSES):
        if not isinstance(event.node, ast.Call) or not _makes_loss(run, event):
            continue
        by_lightning = _is_moved_by_lightning(run, event) or _lightning_list(run, event)
        if not by_lightning and not run.once(_moves_a_network):
            continue
        functional = "functional" in event.name
        owner = event.frame.owner
        in_network = owner is not None and is_network(run.follower, owner)
        in_training = in_network or loop_with(run, event, "backward") is not None
        if functional and not in_training:
            continue
        (made,) = run.value(event.node, event.frame)
        weights = run.argument(event, 2 if functional else 0, "weight")
        weights = weights or run.argument(event, None, "pos_weight")
        if made in run.once(_moved) or not weights:
            continue
        if in_network and not functional and not _in_plain_list(event):
            continue  # a network takes the losses that are its parts along
        if not all(_on_cpu(run, value) for value in weights):
            continue
        yield hit(
            event.node,
            event.frame,
            "The network goes to a device; these class weights, made on the CPU, and "
            "the loss that holds them do not.",
        )


def _is_moved_by_lightning(run: Run, event: Event) -> bool:
    """Whether a loss is computed in a step that Lightning runs on a device."""
    owner = run.frame.owner
    if getattr(run.root, "name", "") not in ("training_step", "validation_step"):
        return False
    if not isinstance(owner, Object) or not isinstance(owner.of, Class):
        return False
    stays = {
        value
        for other in run.others
        for trainer in other.named("lightning.Trainer")
        for value in other.argument(trainer, None, "accelerator")
    }
    return (
        "functional" in event.name
        and stays != {Const("cpu", str)}
        and inherits(run.follower, owner.of, ("lightning.",))
    )


def _in_plain_list(event: Event) -> bool:
    """Whether a loss goes into a list or dictionary that hides it from its network."""
    parent = event.frame.module.parent
    around = parent[event.node]
    match around:
        case ast.Call(func=ast.Attribute(value=ast.Attribute() as kept, attr="append")):
            lists = [
                event.frame.module.origins[target].expr
                for target in event.frame.module.origins
                if isinstance(target, ast.Attribute) and target.attr == kept.attr
            ]
            return bool(lists) and all(isinstance(e, ast.List) for e in lists)
        case ast.List() | ast.ListComp() | ast.Dict() | ast.DictComp():
            return isinstance(parent[around], ast.Assign) and any(
                isinstance(t, ast.Attribute)
                for t in getattr(parent[around], "targets", ())
            )
    return False


def _lightning_list(run: Run, event: Event) -> bool:
    """Whether a module of Lightning, which moves it, hides a loss in a list."""
    owner = event.frame.owner
    return (
        isinstance(owner, Object)
        and isinstance(owner.of, Class)
        and inherits(run.follower, owner.of, ("lightning.",))
        and _in_plain_list(event)
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
    """Whether a network goes to a device that is not certainly the CPU.

    Not where all tensors are made there to begin with.
    """
    if "set_default_device" in run.main.calls:
        return False
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


def _on_cpu(run: Run, value: Value) -> bool:
    """Whether a tensor was certainly made on the CPU and stayed there."""
    if value in run.once(_moved):
        return False
    parts: Values = NOTHING
    if isinstance(value, Derived) and value.how in ("Div", "Mult", "Add", "Sub", "Pow"):
        parts = frozenset(v for v in value.parts if not _is_number(v))
    elif isinstance(value, Object) and value.call is not None:
        made = made_by(value)
        if made in MADE_ON_CPU:
            return arguments.argument_expr(value.call, None, "device") is None
        if made in AS_THEIR_INPUT:
            parts = arguments.made_with(run.follower, value, 0, "input")
        elif isinstance(value.of, Derived) and value.of.how == "attr":
            if value.of.name in ("to", "cuda", "type_as"):
                return False
            parts = frozenset(value.of.parts)
    return bool(parts) and all(_on_cpu(run, part) for part in parts)


def _is_number(value: Value) -> bool:
    return isinstance(value, Const) or (
        isinstance(value, Derived) and value.how == "len"
    )
