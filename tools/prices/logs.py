"""Whether a log shows that something is wrong: three rules, fixed beforehand.

They see what every run logs, one training and one validation loss an epoch, and
nothing else: no accuracy, and no other run to compare with.
"""

import math
from collections.abc import Sequence

LEARNT = 0.10  # the training loss falls by less than this share of the first epoch's
RISEN = 0.25  # the last validation loss is above the lowest by more than this share


def alarms(train_losses: Sequence[float], val_losses: Sequence[float]) -> list[str]:
    """Return what somebody who reads the losses would notice, in a few words each.

    Args:
        train_losses, val_losses: one number an epoch, in nats.

    >>> alarms([1.8, 0.9, 0.4], [1.2, 0.8, 0.6])
    []
    >>> alarms([1.8, 1.75, 1.7], [1.0, 1.0, 2.0])
    ['hardly learns', 'validation loss rises']
    """
    if not all(map(math.isfinite, [*train_losses, *val_losses])):
        return ["not finite"]
    found = []
    if train_losses[-1] > (1 - LEARNT) * train_losses[0]:
        found.append("hardly learns")
    if val_losses[-1] > (1 + RISEN) * min(val_losses):
        found.append("validation loss rises")
    return found
