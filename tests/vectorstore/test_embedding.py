import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.fakes.openai_server import DIMENSION, OpenAIServer, Step, error
from tests.vectorstore.fakes import WordEmbedder
from vectorstore import embedding
from vectorstore.embedding import EmbedderIdentity, EndpointEmbedder, MiniLMEmbedder, RecentTexts, is_common_word
from vectorstore.errors import EmbeddingError
from vectorstore.model_files import MINILM_MODEL


def test_the_bundled_model_says_what_it_is(minilm: MiniLMEmbedder) -> None:
    assert minilm.identity == EmbedderIdentity("all-MiniLM-L6-v2-int8", 384, MINILM_MODEL.sha256)


def test_rows_are_of_length_one_and_the_same_in_any_company(minilm: MiniLMEmbedder) -> None:
    texts = ["The group lost two valleys.", "", "Fighters – 3,000 of them", "word " * 2_000, "\U0001f600 \u00a0"]
    together = minilm.embed(texts)
    assert together.shape == (5, 384)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    for text, row in zip(texts, together, strict=True):
        assert np.array_equal(minilm.embed([text])[0], row)


def test_many_texts_give_the_same_bits_as_each_alone(minilm: MiniLMEmbedder) -> None:
    """Many go to one thread each, one to all processors."""
    texts = [f"{'Two attacks were claimed by the group. ' * (number % 5)}{number}" for number in range(2 * minilm.FEW)]
    # More of one length than go through in one run, and more than one length.
    texts += [f"{first}{second}" for first in ("", "no ") for second in ("camp", "river", "tax", "leader") * 20]
    together = minilm.embed(texts)
    alone = np.stack([minilm.embed([text])[0] for text in texts])
    assert np.array_equal(together, alone)


def test_another_session_gives_the_same_vectors(minilm: MiniLMEmbedder) -> None:
    text = ["Two attacks were claimed by the group."]
    before = minilm.embed(text)
    embedding._minilm_session.cache_clear()
    assert np.array_equal(MiniLMEmbedder().embed(text), before)


def test_all_of_a_process_share_two_sessions(minilm: MiniLMEmbedder) -> None:
    """One for a question, one for many texts; they are 95 MB each."""
    embedding._minilm_session.cache_clear()
    for embedder in (minilm, MiniLMEmbedder()):
        embedder.embed(["attack"])
        embedder.embed(["attack"] * MiniLMEmbedder.FEW)
    assert embedding._minilm_session.cache_info().misses == (2 if embedding._processors() > 1 else 1)


def test_no_texts_give_no_rows(minilm: MiniLMEmbedder) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_what_means_the_same_is_near(minilm: MiniLMEmbedder) -> None:
    asked, near, far = minilm.embed(["How many fighters are there?", "The number of militants", "The price of bread"])
    assert asked @ near > asked @ far + 0.3


def test_common_words() -> None:
    assert [is_common_word(word) for word in ("attack", "attacks", "bombing", "jowzjan", "atack")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_question_lies_nearer_to_what_answers_it_by_the_encoder_of_questions(minilm: MiniLMEmbedder) -> None:
    asked = ["When did the leader of the group die?", "Who made the bomb?"]
    told = [
        "He was killed in an air strike in April 2017.",
        "The leader of the group has died many times, people joke.",
    ]
    answers, speaks_of_it = minilm.embed(told)
    plain, query = minilm.embed(asked)[0], minilm.embed_questions(asked)[0]
    assert (query - plain) @ answers > (query - plain) @ speaks_of_it
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-6)
    assert np.array_equal(minilm.embed_questions(asked[:1])[0], query)
    assert minilm.embed_questions([]).shape == (0, 384)


@pytest.mark.parametrize("name", ["MINILM_MODEL", "QUESTION_ENCODER"])
def test_an_altered_model_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    file = getattr(embedding, name)
    monkeypatch.setattr(embedding, name, replace(file, sha256="0" * 64))
    embedding._question_session.cache_clear()
    embedder = MiniLMEmbedder()
    embed = embedder.embed if name == "MINILM_MODEL" else embedder.embed_questions
    with pytest.raises(EmbeddingError, match=f"{file.locate().name} of .* was altered"):
        embed(["text"])
    embedding._question_session.cache_clear()


def test_nothing_heavy_is_loaded_before_something_is_embedded() -> None:
    code = (
        "import sys; from vectorstore.embedding import *; MiniLMEmbedder().identity;"
        "EndpointEmbedder('m', None, 'k'); print({'onnxruntime', 'tokenizers', 'openai'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# An endpoint, over real sockets


def endpoint(server: OpenAIServer, key: str = "sk-right") -> EndpointEmbedder:
    return EndpointEmbedder("embed-small", server.url, key, timeout_s=5.0)


def raw(rows: Sequence[object]) -> Step:
    data = [{"object": "embedding", "index": number, "embedding": row} for number, row in enumerate(rows)]
    body = json.dumps({"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}})
    return Step("raw", headers={"Content-Type": "application/json"}, body=body.encode())


def test_an_endpoint_gives_rows_of_length_one_in_the_order_of_the_texts(openai_server: OpenAIServer) -> None:
    embedder = endpoint(openai_server)
    texts = [f"text {number}" for number in range(embedder.BATCH + 5)]
    rows = embedder.embed(texts)
    assert rows.shape == (len(texts), DIMENSION)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(rows[-1], embedder.embed(texts[-1:])[0])
    assert [len(request.json["input"]) for request in openai_server.requests] == [64, 5, 1]
    assert {request.headers["Authorization"] for request in openai_server.requests} == {"Bearer sk-right"}
    assert {request.json["model"] for request in openai_server.requests} == {"embed-small"}


def test_an_endpoint_may_answer_in_another_order(openai_server: OpenAIServer) -> None:
    data = [{"object": "embedding", "index": place, "embedding": row} for place, row in ((1, [0, 1]), (0, [1, 0]))]
    body = json.dumps({"object": "list", "data": data, "model": "m"}).encode()
    openai_server.script(Step("raw", headers={"Content-Type": "application/json"}, body=body))
    assert endpoint(openai_server).embed(["first", "second"]).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_an_endpoint_says_what_it_is(openai_server: OpenAIServer) -> None:
    embedder = endpoint(openai_server)
    assert embedder.identity == EmbedderIdentity("embed-small", DIMENSION)
    assert embedder.embed([]).shape == (0, DIMENSION)
    assert embedder.embed_questions([]).shape == (0, DIMENSION)
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (error(401, "no such key sk-right"), "refused the key"),
        (error(403, "forbidden"), "status 403"),
        (error(404, "no such model"), "status 404"),
        (raw([[1.0, 0.0]]), "sent 1 vectors for 2 texts"),
        (raw([[1.0, 0.0]] * 3), "sent 3 vectors for 2 texts"),
        (raw([[1.0, 0.0], [1.0]]), "no embedding"),
        (raw([[], []]), "no embedding"),
        (raw([[1.0, 0.0], None]), "no embedding"),
        (raw([[1.0, 0.0], "abcd"]), "no embedding"),
        (raw([[1.0, 0.0], [0.0, 0.0]]), "no embedding"),
        (raw([[1.0, 0.0], [float("nan"), 0.0]]), "no embedding"),
        (Step("raw", headers={"Content-Type": "text/html"}, body=b"<html>Welcome</html>"), "no embedding"),
        (Step("raw", headers={"Content-Type": "application/json"}, body=b'{"ok": true}'), "no embedding"),
        (Step("raw", headers={"Content-Type": "application/json"}, body=b'{"data": 7}'), "no embedding"),
        (Step("raw", headers={"Content-Type": "application/json"}, body=b'{"data": ['), "no embedding"),
    ],
)
def test_what_an_endpoint_may_do_wrong(openai_server: OpenAIServer, step: Step, message: str) -> None:
    openai_server.script(step)
    with pytest.raises(EmbeddingError, match=message) as caught:
        endpoint(openai_server).embed(["first", "second"])
    assert "sk-right" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert str(caught.value).count("\n") == 0


def test_an_endpoint_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    embedder = EndpointEmbedder("m", f"http://127.0.0.1:{port}/v1", "sk-right")
    with pytest.raises(EmbeddingError, match="cannot be reached"):
        embedder.embed(["text"])


@pytest.mark.parametrize("step", [error(429, "slow down", {"Retry-After": "0.01"}), error(503), Step("reset")])
def test_an_endpoint_that_recovers(openai_server: OpenAIServer, step: Step) -> None:
    openai_server.script(step)
    assert endpoint(openai_server).embed(["first", "second"]).shape == (2, DIMENSION)
    assert len(openai_server.requests) == 2


@pytest.mark.parametrize(("count", "requests"), [(1, 3), (20, 6)])
def test_an_endpoint_that_does_not_recover(openai_server: OpenAIServer, count: int, requests: int) -> None:
    """It is asked more often for many texts than for a question, and never for ever."""
    openai_server.script(*[error(429, "no more", {"Retry-After": "0.01"})] * 10)
    with pytest.raises(EmbeddingError, match="status 429"):
        endpoint(openai_server).embed(["text"] * count)
    assert len(openai_server.requests) == requests


def test_an_endpoint_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    with pytest.raises(EmbeddingError):
        EndpointEmbedder("m", "http://embeddings.invalid/v1", "").embed(["text"])


def test_a_question_and_a_text_of_the_same_words_are_kept_apart(minilm: MiniLMEmbedder) -> None:
    recent, text = RecentTexts(minilm), ["Who leads the group?"]
    for _ in range(2):
        assert np.array_equal(recent.embed(text), minilm.embed(text))
        assert np.array_equal(recent.embed_questions(text), minilm.embed_questions(text))
    assert not np.array_equal(recent.embed(text), recent.embed_questions(text))


def test_recent_texts_are_embedded_once_and_alike() -> None:
    embedder = WordEmbedder()
    asked: list[list[str]] = []
    embedder.before = lambda texts: asked.append(list(texts))
    recent = RecentTexts(embedder, most=2)
    first = recent.embed(["one word", "two words", "one word"])
    assert np.array_equal(recent.embed(["two words", "one word"]), first[[1, 2]])
    assert asked == [["one word", "two words"]]
    recent.embed(["three words"])
    # "two words" was asked for longest ago.
    assert np.array_equal(recent.embed(["one word", "two words"]), first[:2])
    assert asked[1:] == [["three words"], ["two words"]]
    # Where one encoder serves both, a question is embedded once.
    assert np.array_equal(recent.embed_questions(["two words"]), first[1:2])
    assert asked[3:] == []
    assert recent.embed([]).shape == embedder.embed([]).shape
    assert recent.identity == embedder.identity
