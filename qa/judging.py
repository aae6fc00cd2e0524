"""Asks a small chat model, of each of the best sentences by itself, whether it answers the question.

Of many sentences at once such a model chooses worse than their order does; asked about one at a time it knows better
which answers. What it says is a number (Nogueira et al., "Document Ranking with a Pretrained Sequence-to-Sequence
Model", 2020, do the same with passages), so nothing that stands in an article can speak through it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from prompts import Prompt
from qa.candidate import Candidate
from qa.chat import Message
from qa.extractive import worth
from qa.signals import refers_back
from vectorstore.plain import plain

# How many are asked about, the best first: each takes one or two seconds on a core. Eight find no more than six.
POOL = 6
# What is not among the likeliest tokens is less likely than any of them; this is for a reply of which few are told.
_LEAST = math.log(1e-6)


def judging_prompts(
    prompt: Prompt, question: str, candidates: Sequence[Candidate], mark: str
) -> tuple[tuple[Message, ...], ...]:
    """What to ask of each of the best POOL sentences, by worth."""
    asked = plain(question, mark).replace("\n", " ")
    rendered = [prompt.render(question=asked, sentence=_read(each, mark)) for each in _best(candidates)]
    return tuple((Message("system", each.system), Message("user", each.user)) for each in rendered)


def judged(candidates: Sequence[Candidate], first: Sequence[Mapping[str, float]]) -> tuple[Candidate, ...]:
    """The candidates with the model's log-odds that they answer; ``first`` is as ``ChatModel.weigh`` gives it.

    Those that were not asked about get the least of the others': they were behind these before. Where the endpoint
    told nothing, they stay as they are.
    """
    if not first:
        return tuple(candidates)
    odds = {id(each): _log_odds(tokens) for each, tokens in zip(_best(candidates), first, strict=True)}
    least = min(odds.values())
    return tuple(replace(each, judged=odds.get(id(each), least)) for each in candidates)


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=worth, reverse=True)[:POOL]


def _read(candidate: Candidate, mark: str) -> str:
    """The sentence; behind the one before it, where it begins with a word for what that one spoke of."""
    text = candidate.evidence.text
    before = [part.text for part in candidate.passage.sentences if part.start < candidate.evidence.start][-1:]
    return plain(" ".join([*before, text] if refers_back(text) else [text]), mark).replace("\n", " ")


def _log_odds(tokens: Mapping[str, float]) -> float:
    said = {"yes": _LEAST, "no": _LEAST}
    for token, logarithm in tokens.items():
        word = token.strip().lower()
        if word in said:
            said[word] = max(said[word], logarithm)
    return said["yes"] - said["no"]
