"""What a run may take before it stops, to be gone on with later."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ceilings:
    """``seconds`` from the start of this program; ``tokens`` and ``cost`` of the whole run, earlier parts included."""

    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None


@dataclass(slots=True)
class Budget:
    """What was used of the ceilings. Questions that are being asked are finished, so that a little more may be used."""

    ceilings: Ceilings
    tokens: float = 0
    cost: float = 0
    began: float = field(default_factory=time.monotonic)

    def use(self, usage: Mapping[str, float]) -> None:
        """Note an answer's ``usage``."""
        self.tokens += usage.get("total_tokens", 0)
        self.cost += usage.get("cost", 0)

    def spent(self) -> str | None:
        """Which ceiling is reached; None while there is room."""
        limits = self.ceilings
        if limits.seconds is not None and time.monotonic() - self.began >= limits.seconds:
            return f"the ceiling of {limits.seconds:g} s"
        if limits.tokens is not None and self.tokens >= limits.tokens:
            return f"the ceiling of {limits.tokens:,} tokens"
        if limits.cost is not None and self.cost >= limits.cost:
            return f"the ceiling of {limits.cost:g} in cost"
        return None
