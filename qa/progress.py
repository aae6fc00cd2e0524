"""How far a long job has come, on stderr: a bar on a terminal, a line a step elsewhere."""

import sys
from types import TracebackType
from typing import Protocol, Self

import click
import rich.progress
from rich.console import Console

from qa.terminal import sanitise


class Step(Protocol):
    """``done`` of ``total``; ``label`` names what is being worked on."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def label(self) -> str: ...


class ProgressReport:
    """Give its ``update`` to the job; nothing is shown before the first step. Use it as a context manager."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def update(self, step: Step) -> None:
        label = sanitise(step.label)
        if not sys.stderr.isatty():
            click.echo(f"{self._title}: {step.done} of {step.total} {label}".rstrip(), err=True)
            return
        if self._bar is None or self._task is None:
            self._bar = _bar(Console(stderr=True))
            self._task = self._bar.add_task(self._title, total=step.total, label="")
            self._bar.start()
        self._bar.update(self._task, completed=step.done, total=step.total, label=label)

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
        rich.progress.MofNCompleteColumn(),
        rich.progress.TextColumn("{task.fields[label]}", markup=False),
        console=console,
        transient=True,
    )
