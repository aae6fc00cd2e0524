"""A model file of half a megabyte that llama.cpp loads, and that always gives the reply it was made with.

It is a Llama whose layers add nothing: what comes next follows from the last token alone, by a table in its weights.
The table leads from the end of any chat prompt, a line break, through the words of the reply to its end.
"""

import struct
from pathlib import Path

import numpy as np

_STRING, _UINT32, _FLOAT32, _BOOL, _ARRAY, _INT32 = 8, 4, 6, 7, 9, 5
_NORMAL, _CONTROL = 1, 3
_ALIGNMENT = 32
_HEADS = 4


def write_model(path: Path, reply: str) -> Path:
    """A chat model in GGUF that answers ``reply``, in which no word comes twice."""
    words = [word if n == 0 else f" {word}" for n, word in enumerate(reply.split(" "))]
    if len(set(words)) < len(words):
        raise ValueError("each word of the reply leads to one next word")
    letters = [_shown(byte) for byte in range(256)]
    spelled = ["".join(_shown(byte) for byte in word.encode()) for word in words]
    tokens = ["<|end|>", *letters, *(word for word in spelled if word not in letters)]
    chain = [tokens.index(_shown(0x0A)), *(tokens.index(word) for word in spelled), 0]
    width = -(-len(tokens) // (8 * _HEADS)) * 8 * _HEADS
    embedding = np.eye(len(tokens), width, dtype=np.float32)
    output = np.zeros((len(tokens), width), dtype=np.float32)
    # Whatever else stands at the end of a prompt ends the reply.
    output[0] = 0.5
    for here, following in zip(chain, chain[1:], strict=False):
        output[following, here] = 1.0
    path.write_bytes(_gguf(tokens, width, embedding, output))
    return path


def _shown(byte: int) -> str:
    """GPT-2's letter for a byte: itself where that can be printed, else the next one from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    if byte in printable:
        return chr(byte)
    return chr(0x100 + [other for other in range(256) if other not in printable].index(byte))


def _gguf(tokens: list[str], width: int, embedding: np.ndarray, output: np.ndarray) -> bytes:
    square, ones = np.zeros((width, width), dtype=np.float32), np.ones(width, dtype=np.float32)
    tensors = {"token_embd.weight": embedding, "output_norm.weight": ones, "output.weight": output}
    tensors |= {f"blk.0.{name}.weight": ones for name in ("attn_norm", "ffn_norm")}
    squares = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    tensors |= {f"blk.0.{name}.weight": square for name in squares}
    types = [_CONTROL] + [_NORMAL] * (len(tokens) - 1)
    fields = [
        _field("general.architecture", _STRING, "llama"),
        _field("llama.block_count", _UINT32, 1),
        _field("llama.context_length", _UINT32, 8192),
        _field("llama.embedding_length", _UINT32, width),
        _field("llama.feed_forward_length", _UINT32, width),
        _field("llama.attention.head_count", _UINT32, _HEADS),
        _field("llama.attention.layer_norm_rms_epsilon", _FLOAT32, 1e-5),
        _field("tokenizer.ggml.model", _STRING, "gpt2"),
        _field("tokenizer.ggml.pre", _STRING, "default"),
        _array("tokenizer.ggml.tokens", _STRING, tokens),
        _array("tokenizer.ggml.token_type", _INT32, types),
        # llama.cpp wants some; this one joins nothing that a prompt holds.
        _array("tokenizer.ggml.merges", _STRING, ["\u0100 \u0100"]),
        _field("tokenizer.ggml.eos_token_id", _UINT32, 0),
        _field("tokenizer.ggml.bos_token_id", _UINT32, 0),
        _field("tokenizer.ggml.add_bos_token", _BOOL, False),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields)) + b"".join(fields)
    data = b""
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]
        head += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))
        data += _padded(tensor.tobytes())
    return _padded(head) + data


def _field(name: str, kind: int, value: object) -> bytes:
    return _text(name) + struct.pack("<I", kind) + _value(kind, value)


def _array(name: str, kind: int, values: list[str] | list[int]) -> bytes:
    head = _text(name) + struct.pack("<IIQ", _ARRAY, kind, len(values))
    return head + b"".join(_value(kind, value) for value in values)


def _value(kind: int, value: object) -> bytes:
    if isinstance(value, str):
        return _text(value)
    return struct.pack({_UINT32: "<I", _INT32: "<i", _FLOAT32: "<f", _BOOL: "<?"}[kind], value)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNMENT)
