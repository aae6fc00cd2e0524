"""Text to unit vectors: the bundled MiniLM on onnxruntime, or any OpenAI-compatible endpoint."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.errors import EmbeddingError
from vectorstore.model_files import MINILM_MODEL, MINILM_TOKENIZER, QUESTION_ENCODER, ModelFile

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

Matrix = NDArray[np.float32]
_Embed = Callable[[Sequence[str]], Matrix]


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What a store's vectors were made with; vectors of two identities are never compared.

    ``fingerprint`` is the sha256 of the model file, or empty for an endpoint, which does not tell.
    """

    name: str
    dimension: int
    fingerprint: str = ""


class Embedder(Protocol):
    """Texts to unit vectors."""

    @property
    def identity(self) -> EmbedderIdentity: ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dimension), rows of length 1. The same text gives the same row in any company."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> Matrix:
        """The same for questions, near what answers them; as ``embed`` where a model makes no such difference."""
        ...


class RecentTexts:
    """An embedder that keeps the last rows: a question is embedded for the search, and again to weigh its sentences.

    Rows are the same in any company (see ``Embedder.embed``), so nothing that is kept differs from what would be made.
    """

    def __init__(self, embedder: Embedder, most: int = 256) -> None:
        self._embedder = embedder
        self._most = most
        self._rows: dict[tuple[_Embed, str], NDArray[np.float32]] = {}
        self._lock = Lock()

    @property
    def identity(self) -> EmbedderIdentity:
        return self._embedder.identity

    def embed(self, texts: Sequence[str]) -> Matrix:
        return self._remembered(self._embedder.embed, texts)

    def embed_questions(self, texts: Sequence[str]) -> Matrix:
        return self._remembered(self._embedder.embed_questions, texts)

    def _remembered(self, make: _Embed, texts: Sequence[str]) -> Matrix:
        with self._lock:
            kept = {text: self._rows[make, text] for text in texts if (make, text) in self._rows}
        missing = list(dict.fromkeys(text for text in texts if text not in kept))
        if missing or not texts:
            fresh = make(missing)
            if not texts:
                return fresh
            kept.update(zip(missing, fresh, strict=True))
        with self._lock:
            for text in texts:
                self._rows.pop((make, text), None)
                self._rows[make, text] = kept[text]
            while len(self._rows) > self._most:
                del self._rows[next(iter(self._rows))]
        return np.stack([kept[text] for text in texts])


@cache
def _minilm_tokenizer() -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(MINILM_TOKENIZER.verified()))


# Measured: 95 MB and 0.2 s each, so one does for all stores of a process. It may be run by several threads at once.
@cache
def _minilm_session(model: ModelFile, threads: int = 0) -> "onnxruntime.InferenceSession":
    """``threads`` 0: one a processor; 1: none but the one that calls. Raises EmbeddingError for an altered file."""
    # 0.4 s to import: only when something is embedded.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = threads
    return onnxruntime.InferenceSession(str(model.verified()), options, providers=["CPUExecutionProvider"])


@cache
def _question_session() -> "onnxruntime.InferenceSession":
    """Raises EmbeddingError for an altered file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # Idle, it would slow the other session.
    # The layers that are not its own it reads from there.
    folder = MINILM_MODEL.verified().parent
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    # As bytes, since onnxruntime would look for the others beside a file.
    encoder = QUESTION_ENCODER.verified().read_bytes()
    return onnxruntime.InferenceSession(encoder, options, providers=["CPUExecutionProvider"])


def is_common_word(word: str) -> bool:
    """Whether a lower-case word, or what it is inflected from, is one piece in the bundled tokenizer's vocabulary.

    That vocabulary has 30,000 pieces, most of them frequent English words.
    """
    known = _minilm_tokenizer().token_to_id
    forms = {word}
    for ending in ("s", "es", "ed", "ing", "ly", "er", "ers"):
        base = word.removesuffix(ending)
        if base != word and len(base) > 2:
            # "hope" from "hoping", "stop" from "stopped".
            forms |= {base, f"{base}e"} | ({base[:-1]} if base[-1] == base[-2] else set())
    return any(known(form) is not None for form in forms)


@cache
def _words_by_initial() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for word in sorted(filter(str.isalpha, _minilm_tokenizer().get_vocab())):
        found.setdefault(word[0], []).append(word)
    return found


def common_words(initial: str) -> Sequence[str]:
    """The English words of that vocabulary that begin with the letter, in order."""
    return _words_by_initial().get(initial, ())


class MiniLMEmbedder:
    """all-MiniLM-L6-v2 (int8) on the CPU: mean of the token vectors, scaled to length 1. 384 dimensions.

    Texts of one length in tokens go through together: a row's bits do not depend on the others as long as nothing is
    padded, and a word alone costs 3.7 times what it costs among others, since every run reads all weights. Several
    texts go to one worker a processor, each run in one thread, which is 1.4 times as fast as all processors on one
    run after the other; a question is faster with all of them. Both give the same bits.
    """

    MAX_TOKENS = 384
    # Of fewer texts the second session, 0.1 s to make, is not worth it.
    FEW = 8
    # In one run: beyond it there is nothing left to win.
    RUN_TOKENS = 256

    @cached_property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity("all-MiniLM-L6-v2-int8", 384, MINILM_MODEL.sha256)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        tokenizer = _minilm_tokenizer()
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.MAX_TOKENS)
        return tokenizer

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_processors(), thread_name_prefix="embedding")

    def embed(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.identity.dimension), dtype=np.float32)
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        runs = self._runs(tokens)
        rows = np.empty((len(texts), self.identity.dimension), dtype=np.float32)
        if len(texts) < self.FEW or _processors() == 1:
            for run in runs:
                rows[run] = self._embed_run([tokens[place] for place in run], _minilm_session(MINILM_MODEL))
            return rows
        session = _minilm_session(MINILM_MODEL, threads=1)
        batches = [[tokens[place] for place in run] for run in runs]
        # An interrupt while waiting cancels what has not begun.
        for run, found in zip(
            runs, self._workers.map(lambda batch: self._embed_run(batch, session), batches), strict=True
        ):
            rows[run] = found
        return rows

    def embed_questions(self, texts: Sequence[str]) -> Matrix:
        """Raises EmbeddingError for an altered file."""
        rows = [self._embed_run([self._tokenizer.encode(text).ids], _question_session())[0] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(-1, self.identity.dimension)

    def _runs(self, tokens: Sequence[Sequence[int]]) -> list[list[int]]:
        """Places of texts of one length, the longest first, so that no worker has a long run left for the end."""
        places: dict[int, list[int]] = {}
        for place, ids in enumerate(tokens):
            places.setdefault(len(ids), []).append(place)
        runs = []
        for length, same in sorted(places.items(), reverse=True):
            size = max(1, self.RUN_TOKENS // length)
            runs += [same[start : start + size] for start in range(0, len(same), size)]
        return runs

    def _embed_run(self, batch: Sequence[Sequence[int]], session: "onnxruntime.InferenceSession") -> list[Matrix]:
        ids = np.array(batch, dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (hidden,) = session.run(["last_hidden_state"], inputs)
        means = [np.asarray(each, dtype=np.float32).mean(axis=0) for each in hidden]
        return [np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32) for mean in means]


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class EndpointEmbedder:
    """An OpenAI-compatible ``/embeddings`` endpoint. Sends article text to it.

    A status of 429 or 5xx and a lost connection are tried again, after what Retry-After says, else after 0.5 s and
    twice as long each time: more often for many texts than for a question, for which someone waits.
    """

    BATCH = 64
    FEW = 8
    RETRIES, RETRIES_OF_MANY = 2, 5

    def __init__(self, model: str, base_url: str | None, api_key: str, timeout_s: float = 60.0) -> None:
        self._model = model
        self._base_url = base_url
        self._api_key = api_key
        self._timeout_s = timeout_s

    @cached_property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(self._model, int(self.embed(["dimension"]).shape[1]))

    @cached_property
    def _client(self) -> Any:
        # 1.3 s to import: only for those who set an embedding endpoint.
        import openai

        return openai.OpenAI(base_url=self._base_url, api_key=self._api_key, timeout=self._timeout_s)

    def embed(self, texts: Sequence[str]) -> Matrix:
        import openai

        if not texts:
            return np.zeros((0, self.identity.dimension), dtype=np.float32)
        rows: list[list[float]] = []
        retries = self.RETRIES if len(texts) < self.FEW else self.RETRIES_OF_MANY
        try:
            client = self._client.with_options(max_retries=retries)
            for start in range(0, len(texts), self.BATCH):
                batch = list(texts[start : start + self.BATCH])
                reply = client.embeddings.create(model=self._model, input=batch, encoding_format="float")
                rows.extend(item.embedding for item in sorted(reply.data, key=lambda item: item.index))
        except openai.AuthenticationError:
            raise EmbeddingError("The embedding endpoint refused the key; check ISISK_QA_EMBEDDING_API_KEY.") from None
        except openai.APIStatusError as error:
            raise EmbeddingError(f"The embedding endpoint answered with status {error.status_code}.") from None
        except openai.OpenAIError:
            raise EmbeddingError("The embedding endpoint cannot be reached; check its address.") from None
        except (AttributeError, TypeError, ValueError):
            raise EmbeddingError(_NO_EMBEDDING) from None
        if len(rows) != len(texts):
            raise EmbeddingError(f"The embedding endpoint sent {len(rows)} vectors for {len(texts)} texts.")
        return _unit_rows(rows)

    # The same method, so that RecentTexts asks once.
    embed_questions = embed


_NO_EMBEDDING = "The embedding endpoint sent something that is no embedding."


def _unit_rows(rows: list[list[float]]) -> Matrix:
    try:
        matrix = np.array(rows, dtype=np.float32).reshape(len(rows), -1)
    except (TypeError, ValueError):
        # Rows of several lengths, or no numbers.
        raise EmbeddingError(_NO_EMBEDDING) from None
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise EmbeddingError(_NO_EMBEDDING)
    return np.asarray(matrix / lengths, dtype=np.float32)
