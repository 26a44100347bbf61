"""What a measurement depends on: the machine and the versions."""

import datetime
import platform
from importlib.metadata import version
from pathlib import Path

from helpers.devices import usable_cores


def machine() -> dict[str, str | int]:
    """Return where, when and with which versions something runs now."""
    return {
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "torchvision": version("torchvision"),
        "processor": processor(),
        "cores": usable_cores(),
    }


def processor() -> str:
    """Return the CPU's name; Python itself knows it on some systems only."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
