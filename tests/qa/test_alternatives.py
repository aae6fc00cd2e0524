import pytest

from qa.alternatives import alternatives


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is the group weak or strong?", ("Is the group weak?", "Is the group strong?")),
        ("Why did they cross: money or fear?", ("Why did they cross money?", "Why did they cross fear?")),
        ("Who founded it, the owls or the hens?", ("Who founded it the owls?", "Who founded it the hens?")),
        ("Did he fight on his own or with others?", ("Did he fight on his own?", "Did he fight with others?")),
        ("Was he killed or did he survive?", ("Was he killed?", "Did he survive?")),
        ("Did they give up, or were they caught?", ("Did they give up?", "Were they caught?")),
        ("Was it the owls or the hens that won?", ("Was it the owls that won?", "Was it the hens that won?")),
        ("Is it gaining men or losing them?", ("Is it gaining men?", "Is it losing men?")),
        ("Did the US beat them or did the Owls?", ("Did the US beat them?", "Did the Owls beat them?")),
        # An "or" that asks for no choice.
        ("How many owls gave up or were caught in May?", None),
        ("How many died, owls or hens?", None),
        ("When did it open or was it sold?", None),
        ("Which owls left or were caught?", None),
        ("Is it true or not?", None),
        ("When did men from Iraq or Syria come?", None),
        ("When were men seen, among them some who had fought in Iraq or Syria?", None),
        ("Was it owls, hens or foxes, or was it wolves?", None),
        ("Who won, Haidar Abadi or someone else?", None),
        ("Who won?", None),
    ],
)
def test_the_two_questions(question: str, expected: tuple[str, str] | None) -> None:
    assert alternatives(question) == expected
