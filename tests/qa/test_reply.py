import pytest

from qa.reply import REFUSAL, read_text

Read = list[tuple[str, tuple[int, ...], tuple[int, ...]]]


def read(text: str, passages: int = 3) -> Read:
    return [(s.text, s.markers, s.invalid_markers) for s in read_text(text, passages).sentences]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It had 3,000 men [1]. It shrank [2].", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("It had 3,000 men.[1] It shrank.[2]", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("It had 3,000 men. [1] It shrank. [2]", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("[1] It had 3,000 men. [2] It shrank.", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("[1] It had 3,000 men [2].", [("It had 3,000 men.", (1, 2), ())]),
        ("It grew [2] and shrank [1], then grew [2].", [("It grew and shrank, then grew.", (2, 1), ())]),
        ("It had men.\n[1]\nIt shrank.\n[2]", [("It had men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("[3]\nIt had men.", [("It had men.", (3,), ())]),
        ("Gen. Nicholson [1] said 600 died.", [("Gen. Nicholson said 600 died.", (1,), ())]),
        ('He said: "It fell. We won." [1]', [('He said: "It fell. We won."', (1,), ())]),
        ("He said[1]that it fell.", [("He said that it fell.", (1,), ())]),
        ("No marker here.", [("No marker here.", (), ())]),
    ],
)
def test_markers_belong_to_their_sentence(text: str, sentences: Read) -> None:
    assert read(text) == sentences


@pytest.mark.parametrize(
    ("marker", "valid", "invalid"),
    [
        ("[1][2]", (1, 2), ()),
        ("[1] [2]", (1, 2), ()),
        ("[1, 2]", (1, 2), ()),
        ("[1; 3]", (1, 3), ()),
        ("[1 and 3]", (1, 3), ()),
        ("[1-3]", (1, 2, 3), ()),
        ("[3–1]", (1, 2, 3), ()),
        ("[1-2, 3]", (1, 2, 3), ()),
        ("[passage 2]", (2,), ()),
        ("[sentence 2]", (2,), ()),
        ("[Passages 1 and 2]", (1, 2), ()),
        ("[passage 1, passage 2]", (1, 2), ()),
        ("[^2]", (2,), ()),
        ("【2†source】", (2,), ()),
        ("[2](https://example.org/a)", (2,), ()),
        ("[2][2]", (2,), ()),
        ("[0]", (), (0,)),
        ("[4]", (), (4,)),
        ("[1][17]", (1,), (17,)),
        ("[2-5]", (2, 3), (4, 5)),
        ("[1-900000000]", (1,), (900000000,)),
        (f"[{'9' * 5000}]", (), (999999999,)),
    ],
)
def test_forms_of_markers(marker: str, valid: tuple[int, ...], invalid: tuple[int, ...]) -> None:
    assert read(f"It shrank {marker}.") == [("It shrank.", valid, invalid)]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("It began in [2015] with [1,200] men [sic].", "It began in 2015 with 1,200 men [sic]."),
        ("It fought in [2016-2017] there.", "It fought in 2016-2017 there."),
    ],
)
def test_an_editors_brackets_are_no_markers(text: str, clean: str) -> None:
    assert read(text) == [(clean, (), ())]


@pytest.mark.parametrize("text", ["", "  \n", "[1]", "[1][2]\n[3]", ".", "[1].", "<think>It had men [1]."])
def test_a_reply_without_words_has_no_sentences(text: str) -> None:
    draft = read_text(text, 3)
    assert draft.sentences == ()
    assert not draft.refused


@pytest.mark.parametrize(
    "text",
    [
        "Answer: It had\nmen [1].",
        "**Answer:** It had **men** [1].",
        "- It had men [1].",
        "1. It had men [1].",
        "> - It had men [1].",
        "> It had\n> men [1].",
        "Answer: [1] It had men.",
        "# Answer\n\nIt had men [1].",
        "<think>Was it [2]?</think>\n\nIt had men [1].",
        "It had men [1].\n\nSources:\n[1] Sputnik, December 2017\n[2] Other",
        "It had men.\nSource: [1]",
        "It had men.\nSources: [1].",
    ],
)
def test_decoration_is_taken_off(text: str) -> None:
    assert read(text) == [("It had men.", (1,), ())]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (REFUSAL, True),
        (f"**{REFUSAL}.**", True),
        (f'"{REFUSAL}"', True),
        ("Not in the articles.", True),
        (f"{REFUSAL}. They only say that it shrank [1].", True),
        (f"{REFUSAL} [1].", True),
        (f"[{REFUSAL}] [1] It shrank.", True),
        (f"The age of the leader is {REFUSAL}.", True),
        ("That is not in the articles.", True),
        (f"It shrank.\n{REFUSAL}", True),
        (f"It shrank [1].\n{REFUSAL}", False),
        ("It shrank [1]. Its strength is not in the articles.", False),
        ("It shrank [1].", False),
        ("The group is not in the article's focus [1].", False),
    ],
)
def test_refusals(text: str, refused: bool) -> None:
    draft = read_text(text, 3)
    assert draft.refused is refused
    assert not any(REFUSAL in sentence.text for sentence in draft.sentences)


@pytest.mark.parametrize(
    ("text", "evidence", "sentences"),
    [
        ("Evidence: 3, 1\nIt had men [1].", (3, 1), [("It had men.", (1,), ())]),
        ("**Evidence:** [1], [2] and [9]\n\nAnswer: It had men [1].", (1, 2), [("It had men.", (1,), ())]),
        ("Evidence: 1-3. Answer: It had men [1].", (1, 2, 3), [("It had men.", (1,), ())]),
        ("Evidence: none\nIt had men.", (), [("It had men.", (), ())]),
        ("Evidence: it had men [1].", (), [("it had men.", (1,), ())]),
        ("Relevant sentences: 2", (2,), []),
        ("[2] [3]", (2, 3), []),
        ("[7]", (), []),
    ],
)
def test_evidence_is_named_first_or_without_words(text: str, evidence: tuple[int, ...], sentences: Read) -> None:
    assert read_text(text, 3).evidence == evidence
    assert read(text) == sentences
