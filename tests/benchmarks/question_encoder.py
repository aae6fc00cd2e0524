"""Trains vectorstore/question_encoder.onnx: `make question-encoder`, a quarter of an hour on two cores.

With jax and onnx, which nothing else here needs and that command installs in a place of its own.

MiniLM puts a question near sentences that speak of the same, not near those that answer it. Its last layers are trained
anew, for questions only, on the newsrooms that have a training.jsonl: the vector of a question is to lie near the
sentences that answer it and far from the others that were retrieved. The sentences' vectors stay as they are, so no
store is made anew. The loss is a conditional logit over a question's candidates, on top of what the rest of their worth
says, so that the encoder learns what that does not know. (Of two encoders, as in Karpukhin et al., 2020, "Dense Passage
Retrieval for Open-Domain Question Answering"; here only the question's is trained.)

SQuAD 2.0, the fixed question set and the questions of every newsroom's questions.jsonl are not learned from.
"""

import hashlib
import json
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer

from qa.app import Application
from qa.calibration import RELEVANCE
from qa.extractive import worth
from qa.settings import Settings
from tests.benchmarks.newsrooms import FOLDER, TRAINED_ON
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary
from vectorstore.model_files import MINILM_MODEL, MINILM_TOKENIZER, QUESTION_ENCODER

Floats = NDArray[np.float32]
Layer = dict[str, Any]

GLOSSARY = Path(__file__).resolve().parents[2] / "seeds" / "glossary.toml"
TRAINED_LAYERS = 2
EPOCHS = 2
BATCH = 16
RATE = 8e-5
WARM_UP = 0.1
# Of a question's tokens, and of its candidates; what is beyond is left out, gold sentences last.
TOKENS, CANDIDATES = 32, 48
HEADS = 12
# By which the products of unit vectors are multiplied before the softmax.
TEMPERATURE = 12.0
SEED = 0


@dataclass(frozen=True)
class Row:
    """A question with its candidates: unit vectors, what they are worth without the encoder, and which are gold."""

    question: str
    vectors: Floats
    worth: Floats
    gold: NDArray[np.bool_]


def gather() -> list[Row]:
    """The questions of which a gold sentence was retrieved, in the order of the newsrooms."""
    # Anew, not forked: jax has threads by now.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return [row for rows in pool.map(rows_of, TRAINED_ON) for row in rows]


def rows_of(name: str) -> list[Row]:
    """Those of one newsroom, over its own articles alone."""
    analyser, rows = Analyser(Glossary.load(GLOSSARY)), list[Row]()
    with TemporaryDirectory() as home, Application(Settings(home=Path(home), answerer="extractive")) as application:
        application.ingest([FOLDER / name / "articles"])
        chain = application.chain("extractive")
        for line in (FOLDER / name / "training.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if not record["gold"]:
                continue
            analysis, found = chain.evidence_for(record["question"])
            gold = [any(_same(item.evidence.text, each) for each in record["gold"]) for item in found]
            if any(gold):
                bare = [worth(item) - RELEVANCE.weights["query"] * item.features["query"] for item in found]
                vectors = np.array([item.evidence.vector for item in found], np.float32)
                question = analyser.canonical(analysis.text)
                rows.append(Row(question, vectors, np.array(bare, np.float32), np.array(gold)))
    return rows


def _same(sentence: str, gold: str) -> bool:
    one, other = (" ".join(text.split()) for text in (sentence, gold))
    return one in other or other in one


class Model:
    """The packaged model: its graph, and its weights by layer."""

    # In the order of a layer's matrices in the graph.
    MATRICES = ("query", "key", "value", "attended", "inner", "outer")

    def __init__(self, path: Path) -> None:
        self.graph = onnx.load(str(path))
        self._stored = {each.name: each for each in self.graph.graph.initializer}
        scaled = [node.output[0] for node in self.graph.graph.node if f"{node.output[0]}_scale" in self._stored]
        names = [name for name in scaled if name.startswith("val_")]
        size = len(self.MATRICES)
        self.names = [names[start : start + size] for start in range(0, len(names), size)]

    def array(self, name: str) -> Floats:
        """An initializer, or what is made of one and its scale."""
        if name in self._stored:
            return np.asarray(numpy_helper.to_array(self._stored[name]), np.float32)
        return self.array(f"{name}_q") * self.array(f"{name}_scale")

    def layer(self, number: int) -> Layer:
        found: Layer = dict(zip(self.MATRICES, map(self.array, self.names[number]), strict=True))
        return found | {name: self.array(stored) for name, stored in self.vectors(number).items()}

    @staticmethod
    def vectors(number: int) -> dict[str, str]:
        """What a layer has besides its matrices, by its name in the graph."""
        parts = {
            "query_bias": "attention.self.query.bias",
            "key_bias": "attention.self.key.bias",
            "value_bias": "attention.self.value.bias",
            "attended_bias": "attention.output.dense.bias",
            "attended_scale": "attention.output.LayerNorm.weight",
            "attended_shift": "attention.output.LayerNorm.bias",
            "inner_bias": "intermediate.dense.bias",
            "outer_bias": "output.dense.bias",
            "outer_scale": "output.LayerNorm.weight",
            "outer_shift": "output.LayerNorm.bias",
        }
        return {name: f"inner.encoder.layer.{number}.{part}" for name, part in parts.items()}

    def embeddings(self, ids: NDArray[np.int32]) -> Any:
        words = self.array("inner.embeddings.word_embeddings.weight")[ids]
        places = self.array("inner.embeddings.position_embeddings.weight")[: ids.shape[1]]
        kind = self.array("inner.embeddings.token_type_embeddings.weight")[0]
        name = "inner.embeddings.LayerNorm"
        return _normal(words + places + kind, self.array(f"{name}.weight"), self.array(f"{name}.bias"))

    def put(self, name: str, value: Floats) -> None:
        stored = self._stored[name]
        stored.CopyFrom(numpy_helper.from_array(value.astype(numpy_helper.to_array(stored).dtype), name))

    def put_layer(self, number: int, layer: Layer) -> None:
        """In eight bits, with a scale a row, as the others are."""
        for part, name in zip(self.MATRICES, self.names[number], strict=True):
            weights = np.asarray(layer[part], np.float32)
            shape = self.array(f"{name}_scale").shape
            spread = tuple(axis for axis, size in enumerate(shape) if size == 1) if shape else None
            scale = np.abs(weights).max(axis=spread, keepdims=bool(shape)).reshape(shape) / 127
            self.put(f"{name}_scale", scale)
            self.put(f"{name}_q", np.round(weights / scale))
        for part, name in self.vectors(number).items():
            self.put(name, np.asarray(layer[part], np.float32))

    def write(self, path: Path, packaged: Path, trained: Sequence[int]) -> None:
        """What was not trained stays in the packaged file: the graph says at which byte."""
        own = {f"{name}_q" for number in trained for name in self.names[number]}
        content = packaged.read_bytes()
        for each in self.graph.graph.initializer:
            if each.name in own or len(each.raw_data) < 10_000:
                continue
            place = {"location": packaged.name, "offset": content.index(each.raw_data), "length": len(each.raw_data)}
            each.ClearField("raw_data")
            each.data_location = onnx.TensorProto.EXTERNAL
            for key, value in place.items():
                each.external_data.add(key=key, value=str(value))
        path.write_bytes(self.graph.SerializeToString())


def _normal(states: Any, scale: Any, shift: Any) -> Any:
    mean, variance = states.mean(-1, keepdims=True), states.var(-1, keepdims=True)
    return (states - mean) / jnp.sqrt(variance + 1e-12) * scale + shift


def _apply(layer: Layer, states: Any, mask: Any) -> Any:
    """One layer of BERT (Devlin et al., 2019): (batch, tokens, 384) to the same."""
    batch, tokens, width = states.shape

    def heads(part: str) -> Any:
        made = states @ layer[part] + layer[f"{part}_bias"]
        return made.reshape(batch, tokens, HEADS, width // HEADS).transpose(0, 2, 1, 3)

    scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.sqrt(width // HEADS)
    shares = jax.nn.softmax(scores + jnp.where(mask, 0.0, -1e9)[:, None, None, :], -1)
    mixed = (shares @ heads("value")).transpose(0, 2, 1, 3).reshape(batch, tokens, width)
    attended = mixed @ layer["attended"] + layer["attended_bias"]
    states = _normal(states + attended, layer["attended_scale"], layer["attended_shift"])
    inner = jax.nn.gelu(states @ layer["inner"] + layer["inner_bias"], approximate=False)
    outer = inner @ layer["outer"] + layer["outer_bias"]
    return _normal(states + outer, layer["outer_scale"], layer["outer_shift"])


def _encode(layers: Sequence[Layer], states: Any, mask: Any) -> Any:
    """Unit vectors: (batch, tokens, 384) to (batch, 384)."""
    for layer in layers:
        states = _apply(layer, states, mask)
    mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / jnp.linalg.norm(mean, axis=-1, keepdims=True)


def _loss(layers: Sequence[Layer], states: Any, mask: Any, vectors: Any, worth: Any, gold: Any) -> Any:
    """``worth`` is less what the plain question's vector says at the same temperature, minus infinity where padded."""
    logits = worth + TEMPERATURE * jnp.einsum("bd,bcd->bc", _encode(layers, states, mask), vectors)
    right = jax.nn.logsumexp(jnp.where(gold, logits, -jnp.inf), 1)
    return (jax.nn.logsumexp(logits, 1) - right).mean()


def train(rows: Sequence[Row], model: Model) -> dict[int, Layer]:
    """The last layers by their number, after Adam (Kingma and Ba, 2015) with a linear warm-up and decay."""
    tokenizer = Tokenizer.from_file(str(MINILM_TOKENIZER.verified()))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    numbers = range(len(model.names))
    layers = [jax.tree.map(jnp.asarray, model.layer(number)) for number in numbers]
    fixed, layers = layers[:-TRAINED_LAYERS], layers[-TRAINED_LAYERS:]
    begin = jax.jit(lambda states, mask: _through(fixed, states, mask))
    plain = jax.jit(lambda states, mask: _encode(layers, states, mask))
    step, adam = jax.jit(jax.value_and_grad(_loss)), jax.jit(_adam)

    def read(batch: Sequence[Row]) -> tuple[Any, Any]:
        ids = np.zeros((len(batch), TOKENS), np.int32)
        for place, found in enumerate(tokenizer.encode_batch([row.question for row in batch])):
            ids[place, : len(found.ids)] = found.ids
        return begin(model.embeddings(ids), ids > 0), ids > 0

    batches_of = len(rows) // BATCH
    steps, taken = EPOCHS * batches_of, 0
    first = second = jax.tree.map(jnp.zeros_like, layers)
    trained, order, rng = layers, list(rows), random.Random(SEED)
    for epoch in range(EPOCHS):
        rng.shuffle(order)
        losses = []
        for start in range(0, batches_of * BATCH, BATCH):
            batch = order[start : start + BATCH]
            states, mask = read(batch)
            loss, gradient = step(trained, states, mask, *_candidates(batch, np.asarray(plain(states, mask))))
            losses.append(float(loss))
            taken += 1
            rate = RATE * min(1.0, taken / (WARM_UP * steps)) * (1 - (taken - 1) / steps)
            trained, first, second = adam(trained, first, second, gradient, rate, taken)
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", file=sys.stderr)
    return dict(zip(numbers[-TRAINED_LAYERS:], trained, strict=True))


def _through(layers: Sequence[Layer], states: Any, mask: Any) -> Any:
    for layer in layers:
        states = _apply(layer, states, mask)
    return states


def _candidates(batch: Sequence[Row], plain: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    vectors = np.zeros((len(batch), CANDIDATES, plain.shape[1]), np.float32)
    worths = np.full((len(batch), CANDIDATES), -1e9, np.float32)
    gold = np.zeros((len(batch), CANDIDATES), bool)
    for place, (row, question) in enumerate(zip(batch, plain, strict=True)):
        best = np.lexsort((-row.worth, ~row.gold))[:CANDIDATES]
        vectors[place, : len(best)] = row.vectors[best]
        worths[place, : len(best)] = row.worth[best] - TEMPERATURE * (row.vectors[best] @ question)
        gold[place, : len(best)] = row.gold[best]
    return vectors, worths, gold


def _adam(weights: Any, first: Any, second: Any, gradient: Any, rate: float, taken: int) -> Any:
    length = jnp.sqrt(sum((each**2).sum() for each in jax.tree.leaves(gradient)))
    gradient = jax.tree.map(lambda each: each * jnp.minimum(1.0, 1 / (length + 1e-6)), gradient)
    first = jax.tree.map(lambda mean, each: 0.9 * mean + 0.1 * each, first, gradient)
    second = jax.tree.map(lambda mean, each: 0.999 * mean + 0.001 * each**2, second, gradient)

    def moved(weight: Any, mean: Any, square: Any) -> Any:
        return weight - rate * (mean / (1 - 0.9**taken)) / (jnp.sqrt(square / (1 - 0.999**taken)) + 1e-8)

    return jax.tree.map(moved, weights, first, second), first, second


def main() -> None:
    rows = gather()
    print(f"{len(rows)} questions of {len(TRAINED_ON)} newsrooms", file=sys.stderr)
    packaged = MINILM_MODEL.verified()
    model = Model(packaged)
    trained = train(rows, model)
    for number, layer in trained.items():
        model.put_layer(number, layer)
    path = QUESTION_ENCODER.locate()
    model.write(path, packaged, list(trained))
    print("sha256, for vectorstore/model_files.py:", hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
