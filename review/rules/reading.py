"""U1: channels in another order, and bytes divided twice."""

import ast
import re

from ..events import Run
from ..following import arguments
from ..providing import dataset_of, loader_of, step_name, steps_of, transform_of
from ..rule import Hits, at, hit, line_of, rule
from ..syntax import own
from ..values import Object, Value, inside, is_true, number
from .statistics import pretrained

TURNS = re.compile(
    r"cvtColor|COLOR_|::\s*-1|\[2,\s*1,\s*0\]|np\.flip|\.flip\((dims=)?[\[(]?[02]|cv2\.split|BGR|bgr|channel_order"
    r"|to_rgb|IMREAD_COLOR_RGB"
)
MASK = re.compile(r"mask|label|gray|grey|depth|seg", re.I)
OF_IMAGENET = re.compile(r"0\.485|IMAGENET_DEFAULT_MEAN|IMAGENET_MEAN")


@rule("NOTE916")
def blue_first(run: Run) -> Hits:
    """Find pictures of OpenCV that go to ImageNet's statistics or weights."""
    text, read = run.main.text, run.named("cv2.imread", "cv2.imdecode")
    if not read or "torch" not in text or TURNS.search(text):
        return
    if not OF_IMAGENET.search(text) and run.once(pretrained) is None:
        return
    for event in read:
        written = ast.unparse(event.frame.module.statement(event.node))
        if MASK.search(written) or run.argument(event, 1, "flags"):
            continue
        yield at(
            event,
            "OpenCV gives blue first, and the statistics or weights of this file "
            "are for red first.",
        )


@rule("NOTE917")
def divided_twice(run: Run) -> Hits:
    """Find divisions by 255 behind a transform that has divided already."""
    scaled: dict[Value, Object] = {}
    for loop in run.kinds_in:
        loader = loader_of(run, loop) if loop.kind == "loop" else None
        if loader is not None:
            for step in steps_of(run, transform_of(run, dataset_of(run, loader))) or []:
                if _scales(run, step):
                    scaled[loader] = step
    frames = {e.frame for e in run.events} if scaled else set()
    for frame in frames:
        for node in own(frame.function or frame.module.tree):
            match node:
                case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant() as right):
                    if number(run.value(right, frame)) != 255:
                        continue
                case _:
                    continue
            sources = {p for v in run.value(left, frame) for p in inside(v)}
            for source in sources & scaled.keys():
                step = scaled[source]
                if step.call and step.frame:
                    where = line_of(step.call, step.frame)
                    text = f"{step_name(step)} ({where}) has divided by 255 already."
                    yield hit(node, frame, text)


def _scales(run: Run, step: Object) -> bool:
    """Whether a transform makes numbers from 0 to 1 of bytes."""
    name = step_name(step)
    if name == "ToDtype":
        return is_true(arguments.made_with(run.follower, step, 1, "scale"))
    return name in ("ToTensor", "ConvertImageDtype")
