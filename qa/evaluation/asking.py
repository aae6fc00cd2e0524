"""Asks questions, several at once where that is wanted, and gives back what came as it comes."""

import hashlib
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from qa.chat import Cancellation
from qa.errors import ModelError, QuestionError
from qa.evaluation.dataset import EvalQuestion
from qa.marks import given_mark
from qa.models import Answer, Question


class Chain(Protocol):
    """What answers a question, in any thread; qa/chain.py's AnswerChain is one."""

    def invoke(self, question: Question, /) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A question, for the ``repeat``-th time (from 1)."""

    question: EvalQuestion
    repeat: int
    seed: int

    @property
    def mark(self) -> str:
        """The same for one seed, question and repetition, as long as one that is drawn."""
        return hashlib.sha256(f"{self.seed} {self.question.id} {self.repeat}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either the answer, or the error that the question ended in."""

    task: Task
    answer: Answer | None
    error: ModelError | QuestionError | None
    wall_ms: float


def ask_each(
    chain: Chain, tasks: Iterable[Task], *, jobs: int, may_go_on: Callable[[], bool] = lambda: True
) -> Generator[Outcome]:
    """Ask up to ``jobs`` at once; outcomes come as they are ready, not in order.

    No further question is begun once ``may_go_on`` says no. Leaving the iterator gives up the calls to a model that
    are on their way. Raises what the chain raises, but for ModelError and QuestionError; what was ready is given first.
    """
    waiting = iter(tasks)
    running: dict[Future[Outcome], Cancellation] = {}
    with ThreadPoolExecutor(jobs, "evaluation") as pool:
        try:
            while True:
                while len(running) < jobs and may_go_on() and (task := next(waiting, None)) is not None:
                    cancellation = Cancellation()
                    running[pool.submit(_ask, chain, task, cancellation)] = cancellation
                if not running:
                    return
                ready, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    del running[future]
                yield from (future.result() for future in ready if future.exception() is None)
                for future in ready:
                    future.result()
        finally:
            for cancellation in running.values():
                cancellation.cancel()


def _ask(chain: Chain, task: Task, cancellation: Cancellation) -> Outcome:
    began = time.perf_counter()
    answer: Answer | None = None
    error: ModelError | QuestionError | None = None
    try:
        with cancellation, given_mark(task.mark):
            answer = chain.invoke(Question(task.question.question, task.question.as_of))
    except (ModelError, QuestionError) as problem:
        error = problem
    return Outcome(task, answer, error, round((time.perf_counter() - began) * 1000, 3))
