"""How far a long job has come, on stderr: a bar on a terminal, now and then a line elsewhere."""

import os
import sys
import time
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import click
import rich.progress
from rich.console import Console

from qa.terminal import sanitise

# Between two lines in a pipe.
INTERVAL_S = 5.0


class Step(Protocol):
    """``done`` of ``total``; ``label`` names what is being worked on."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def label(self) -> str: ...


@runtime_checkable
class Measured(Protocol):
    """A step of an ingest: what was committed so far, and how many bytes have been read."""

    @property
    def phase(self) -> str: ...
    @property
    def articles(self) -> int: ...
    @property
    def chunks(self) -> int: ...
    @property
    def bytes_done(self) -> int: ...
    @property
    def bytes_total(self) -> int: ...


class ProgressReport:
    """Give its ``update`` to the job; nothing is shown before the first step. Use it as a context manager."""

    def __init__(self, title: str, *, plain: bool = False) -> None:
        self._title = title
        self._lines = plain or os.environ.get("TERM") == "dumb" or not sys.stderr.isatty()
        self._began = time.monotonic()
        self._said: float | None = None
        self._phase = ""
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def update(self, step: Step) -> None:
        if self._lines:
            self._say(step)
        else:
            self._draw(step)

    def _say(self, step: Step) -> None:
        """The first and the last step, each new phase, and in between a line every few seconds."""
        now, phase = time.monotonic(), self._phase_of(step)
        last = phase == self._title and step.done == step.total
        if self._said is None or phase != self._phase or last or now - self._said >= INTERVAL_S:
            count = f" {step.done} of {step.total}" if step.total else ""
            text = f"{phase}:{count} {sanitise(step.label)}".rstrip().rstrip(":")
            click.echo(text + (self._rates(step) if phase == self._title else ""), err=True)
            self._said, self._phase = now, phase

    def _draw(self, step: Step) -> None:
        if self._bar is None or self._task is None:
            self._bar = _bar(Console(stderr=True))
            self._task = self._bar.add_task(self._title, total=step.total, files="", label="", rates="")
            self._bar.start()
        phase = self._phase_of(step)
        completed, total, rates = step.done, step.total, ""
        if isinstance(step, Measured) and phase == self._title:
            # The time left goes by bytes: files differ by a factor of a thousand.
            completed, total, rates = step.bytes_done, step.bytes_total, self._rates(step)
        if phase != self._phase:
            self._bar.reset(self._task, description=phase, total=total or None)
            self._phase = phase
        self._bar.update(
            self._task,
            completed=completed,
            total=total or None,
            files=f"{step.done}/{step.total}" if step.total else "",
            label=sanitise(step.label),
            rates=rates,
        )

    def _phase_of(self, step: Step) -> str:
        return self._title if not isinstance(step, Measured) or step.phase == "embedding" else step.phase

    def _rates(self, step: Step) -> str:
        seconds = time.monotonic() - self._began
        if not isinstance(step, Measured) or not step.articles or seconds < 1:
            return ""
        return f" ({step.articles / seconds:.1f} articles, {step.chunks / seconds:.0f} chunks a second)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar(console: Console) -> rich.progress.Progress:
    return rich.progress.Progress(
        rich.progress.TextColumn("{task.description}", markup=False),
        rich.progress.BarColumn(),
        rich.progress.TextColumn("{task.fields[files]}", markup=False),
        rich.progress.TimeRemainingColumn(),
        rich.progress.TextColumn("{task.fields[label]}{task.fields[rates]}", markup=False),
        console=console,
        transient=True,
    )
