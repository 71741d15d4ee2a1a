"""What every process of one estate is told when it starts."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["EstateSettings", "free_ports"]

_BELOW_EPHEMERAL = range(18_000, 32_000)


@dataclass(frozen=True, slots=True)
class EstateSettings:
    """`load` is requests a second of each app, `affected` the share of customers with unusual data.

    `ports` maps services, gateway listeners (`source>destination`) and the agent to ports on loopback;
    `secrets` are the values at the start. The file that carries it is readable by its owner only.
    """

    folder: str
    seed: int
    load: float
    affected: float
    ports: Mapping[str, int]
    db_admin_password: str = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def telemetry(self) -> Path:
        return Path(self.folder) / "telemetry"

    @property
    def trail(self) -> Path:
        return Path(self.folder) / "cloudtrail.jsonl"

    def write(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> EstateSettings:
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def free_ports(count: int) -> list[int]:
    """Ports on loopback that are free now, below the range that the kernel gives to outgoing connections.

    A service that restarts can so take its port again. Raises OSError when there are too few.
    """
    found: list[int] = []
    for port in random.sample(_BELOW_EPHEMERAL, len(_BELOW_EPHEMERAL)):
        if len(found) == count:
            return found
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    raise OSError(f"fewer than {count} free ports on loopback")
