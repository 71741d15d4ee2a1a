"""Runs one process of the estate: `python -m andon.demo SERVICE SETTINGS VERSION`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from andon.demo.inventory import SERVICES
from andon.demo.runtime import open_runtime
from andon.demo.settings import EstateSettings


def main(arguments: list[str]) -> None:
    name, settings, version = arguments
    entry = importlib.import_module(SERVICES[name].module)
    runtime = open_runtime(EstateSettings.read(Path(settings)), name, version)
    try:
        entry.main(runtime)
    finally:
        runtime.telemetry.close()


if __name__ == "__main__":
    main(sys.argv[1:])
