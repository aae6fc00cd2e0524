import numpy as np
import pytest

from qa.attribution import naming_sentence, same_voice, speaker, speaker_in
from vectorstore.models import Article, Chunk, Evidence, Passage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nicholson added that the US has killed over 1,600 fighters.", "Nicholson"),
        ("“We know,” said Gen. Ann Owl, who commands them.", "Gen. Ann Owl"),
        ("According to the Owl news agency, Voice of Foxes, 153 were killed.", "Owl news agency, Voice of Foxes"),
        ("40 fled, according to the Institute for Owls and Foxes.", "Institute for Owls and Foxes"),
        ("On Sunday, AFP reported that some had joined.", "AFP"),
        ("Kone Faulkner, a US military spokesman, said that it had nothing.", "Kone Faulkner"),
        ("A day later, the provincial authorities linked to the Kabul government said that 250 gave up.",
         "provincial authorities linked to the Kabul government"),
        ("The Army deny this to be the case.", "Army"),
        ("“It is over, and we have won,” Owl told the crowd.", "Owl"),
        ("“It is over, and we have won,” he told the crowd.", None),
        # Nobody is named.
        ("They are believed to have around 1,100 fighters.", None),
        ("It is too early to say how this will end.", None),
        ("As the name suggests, the group is from Khorasan.", None),
        ("Two Taliban were killed in the attack.", None),
        ("According to him, it has grown.", None),
    ],
)  # fmt: skip
def test_who_says_a_sentence(text: str, expected: str | None) -> None:
    assert speaker_in(text) == expected


def passage_of(*sentences: str) -> Passage:
    text = " ".join(sentences)
    evidence = tuple(
        Evidence(text.index(part), text.index(part) + len(part), part, np.zeros(1, dtype=np.float32))
        for part in sentences
    )
    article = Article("a", "T", text, "0" * 64, "a.txt")
    return Passage(Chunk("c", "a", 0, 0, len(text), text), article, 1.0, sentences=evidence)


def test_he_said_is_the_one_named_before() -> None:
    passage = passage_of("Owl said 40 fled.", "He said that 9 stayed.", "“More will come.”", "Foxes sleep.")
    assert [speaker(passage, part) for part in passage.sentences] == ["Owl", "Owl", "Owl", None]
    named = passage.sentences[0]
    assert [naming_sentence(passage, part) for part in passage.sentences] == [None, named, named, None]


def test_the_words_of_a_long_quotation_are_of_the_one_who_is_named_at_its_end() -> None:
    quoted = ("“We went on for days.", "Nobody helped us.", "It was cold,” Owl said.")
    passage = passage_of("Foxes left.", *quoted, "It rained.")
    assert [speaker(passage, part) for part in passage.sentences] == [None, "Owl", "Owl", "Owl", None]


def test_one_speaker_by_two_names() -> None:
    assert same_voice("Gen. John Nicholson", "Nicholson")
    assert not same_voice("Nicholson", "Voice of Jihad")
    assert not same_voice("Nicholson", None)
    assert same_voice(None, None)
