"""A model's opinion of a run's answers, and how far it agrees with people and with the scores."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from prompts import Prompt, load_prompt
from qa.chat import ChatModel, Message
from qa.errors import ModelError
from qa.evaluation.dataset import DatasetError, EvalQuestion, read_lines
from qa.evaluation.figures import Tally, ratio
from qa.evaluation.folder import StoredRun
from qa.evaluation.matching import FORBIDDEN_PATTERN
from qa.evaluation.rows import Key, Row

JUDGED, AGREEMENT = "judged.jsonl", "agreement.json"
Verdict = Literal["right", "wrong"]
# The one word that was asked for, or the word at the end of some thinking aloud.
_VERDICT = re.compile(r"\b(right|wrong)\b\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judged:
    """``verdict`` None: the call failed, or the reply was no verdict; ``why`` says which."""

    question_id: str
    repeat: int
    verdict: Verdict | None
    why: str
    usage: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of two judges on ``n`` answers: ``same`` is the share with one verdict, ``kappa`` corrected for chance."""

    n: int
    same: float | None
    low: float | None
    high: float | None
    kappa: float | None


def judge(
    run: StoredRun, chat: ChatModel, split: str = "dev", on_judged: Callable[[int, int], None] | None = None
) -> list[Judged]:
    """Ask a model about every answer to a split's questions; the verdicts are also written beside the run.

    A call that fails, and a reply that is no verdict, leave the answer unjudged, which is not wrong. Raises OSError,
    and ModelError where no other call would do better.
    """
    by_id = {question.id: question for question in run.finished().questions}
    rows = [row for row in run.rows if row.answer and split in ("all", by_id[row.question_id].split)]
    prompt = load_prompt("judge")
    judged: list[Judged] = []
    with (run.path / JUDGED).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for row in rows:
            judged.append(_judge(row, by_id[row.question_id], prompt, chat))
            record = {**asdict(judged[-1]), "model": chat.name, "prompt_sha256": prompt.sha256}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.flush()
            if on_judged is not None:
                on_judged(len(judged), len(rows))
    return judged


def _judge(row: Row, question: EvalQuestion, prompt: Prompt, chat: ChatModel) -> Judged:
    assert row.answer is not None
    answer = row.answer.answer
    # Not in the answer, and the same for the same answer.
    mark = f"----{sha256(answer.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}----"
    parts = prompt.render(
        question=question.question,
        answer=answer,
        right=_listed([nugget.text for nugget in question.nuggets if nugget.importance == "vital"]),
        # A pattern is for machines.
        wrong=_listed([each for each in question.forbidden_claims if not each.startswith(FORBIDDEN_PATTERN)]),
        mark=mark,
    )
    try:
        reply = chat.complete([Message("system", parts.system), Message("user", parts.user)])
    except ModelError as problem:
        if problem.lasting:
            raise
        return Judged(row.question_id, row.repeat, None, f"{type(problem).__name__}: {problem}", {})
    return Judged(row.question_id, row.repeat, verdict_of(reply.text), reply.text, reply.usage)


def _listed(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts) or "(none)"


def verdict_of(reply: str) -> Verdict | None:
    """The word that a reply ends in; None when it is neither."""
    found = _VERDICT.search(reply.strip())
    return None if found is None else "right" if found[1].lower() == "right" else "wrong"


def load_labels(path: Path) -> dict[Key, Verdict]:
    """What people said: a JSONL of ``{"question_id", "label": "right" | "wrong"}``, ``repeat`` where it is not 1.

    Raises DatasetError, naming file and line.
    """
    labels: dict[Key, Verdict] = {}
    for number, line in read_lines(path):
        try:
            record = json.loads(line)
            key, label = (str(record["question_id"]), int(record.get("repeat", 1))), record["label"]
        except (ValueError, LookupError, TypeError, AttributeError):
            raise DatasetError(f'{path}, line {number}: no {{"question_id", "label"}}') from None
        if label not in ("right", "wrong"):
            raise DatasetError(f"{path}, line {number}: the label is {label!r}; write right or wrong")
        if labels.setdefault(key, label) != label:
            raise DatasetError(f"{path}, line {number}: {key[0]} has another label already")
    return labels


def agreement(one: Mapping[Key, Verdict], other: Mapping[Key, Verdict], clusters: Mapping[str, str]) -> Agreement:
    """Over the answers that both have judged; ``clusters`` by question, for the interval of the share.

    Source: J. Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20
    (1960), 37-46. No kappa where both judges gave one and the same verdict throughout.
    """
    both = sorted(one.keys() & other.keys())
    same = ratio(Tally(clusters.get(key[0], key[0]), float(one[key] == other[key]), 1, 1) for key in both)
    if same.value is None:
        return Agreement(0, None, None, None, None)
    first, second = (sum(each[key] == "right" for key in both) / len(both) for each in (one, other))
    chance = first * second + (1 - first) * (1 - second)
    kappa = None if chance == 1 else (same.value - chance) / (1 - chance)
    return Agreement(len(both), same.value, same.low, same.high, kappa)


def judgement(run: StoredRun, judged: Sequence[Judged], labels: Mapping[Key, Verdict] | None) -> dict[str, Any]:
    """What agreement.json holds: counts, the share called right, and how far people and the scores agree with it."""
    clusters = {question.id: question.cluster_id for question in run.questions}
    verdicts = dict(_verdicts(judged))
    scores: dict[Key, Verdict] = {
        row.key: "right" if row.scores.right else "wrong" for row in run.rows if row.scores is not None
    }
    called_right = ratio(Tally(clusters[key[0]], float(each == "right"), 1, 1) for key, each in verdicts.items())
    return {
        "answers": len(judged),
        "unjudged": len(judged) - len(verdicts),
        "called_right": called_right.to_record(),
        "with_scores": asdict(agreement(verdicts, scores, clusters)),
        "with_people": asdict(agreement(verdicts, labels, clusters)) if labels is not None else None,
        "scores_with_people": asdict(agreement(scores, labels, clusters)) if labels is not None else None,
    }


def _verdicts(judged: Sequence[Judged]) -> Iterator[tuple[Key, Verdict]]:
    for each in judged:
        if each.verdict is not None:
            yield (each.question_id, each.repeat), each.verdict
