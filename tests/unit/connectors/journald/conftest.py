"""A program that takes the documented options of `journalctl`, holds records in a file, and complains of anything else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PROGRAM = r"""#!{python}
import json, os, sys, time

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "journal.json")) as file:
    held = json.load(file)
options, groups = {{}}, [[]]
for word in sys.argv[1:]:
    if word == "+":
        groups.append([])
    elif word.startswith("--"):
        name, _, value = word[2:].partition("=")
        options[name] = value
    elif "=" in word:
        groups[-1].append(word.split("=", 1))
    else:
        sys.exit(f"Failed to add match {{word!r}}: Invalid argument")
known = {{"no-pager", "version", "since", "until", "output", "output-fields", "all", "lines", "priority", "directory"}}
if set(options) - known:
    sys.exit(f"journalctl: unrecognized option {{sorted(set(options) - known)}}")
if "version" in options:
    print("systemd 252 (imitated)")
    sys.exit()
time.sleep(held["seconds"])
print(held["complaint"], file=sys.stderr, end="")
if held["exit"]:
    sys.exit(held["exit"])


def meant(record):
    moment = int(record["__REALTIME_TIMESTAMP"]) / 1e6
    if "since" in options and moment < float(options["since"].lstrip("@")):
        return False
    if "until" in options and moment > float(options["until"].lstrip("@")):
        return False
    if options.get("priority") == "emerg..warning" and record.get("PRIORITY") not in list("01234"):
        return False
    for group in groups:
        wanted = {{}}
        for name, value in group:
            wanted.setdefault(name, set()).add(value)
        if all(record.get(name) in values for name, values in wanted.items()):
            return True
    return False


found = [record for record in held["records"] if meant(record)]
if "lines" in options:
    found = found[-int(options["lines"]):]
fields = options["output-fields"].split(",") if "output-fields" in options else None
for record in found:
    if options["output"] == "cat":
        for name in fields:
            if name in record:
                print(record[name])
    else:
        shown = {{k: v for k, v in record.items() if fields is None or k in fields or k.startswith("__")}}
        print(json.dumps(shown))
sys.stdout.write(held["tail"])
if not found:
    print("-- No entries --")
"""


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes `journalctl` one that holds these records; how it misbehaves can be stated."""
    program = tmp_path / "journalctl"
    program.write_text(PROGRAM.format(python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    def hold(records: Sequence[dict[str, Any]], **how: Any) -> None:
        held = {"records": list(records), "complaint": "", "exit": 0, "seconds": 0, "tail": ""} | how
        (tmp_path / "journal.json").write_text(json.dumps(held), encoding="utf-8")

    return hold
