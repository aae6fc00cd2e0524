from pathlib import Path

import pytest

from vectorstore.errors import ManifestError
from vectorstore.glossary import Entity, Glossary


@pytest.fixture(scope="module")
def small() -> Glossary:
    return Glossary(
        [
            Entity(id="group", kind="group", name="Islamic State", variants=("ISIS", "Da'esh"), case_sensitive=True),
            Entity(
                id="branch", kind="group", name="ISIS-K", variants=("IS-K", "Islamic State Khorasan"), part_of="group"
            ),
            Entity(id="us", kind="place", name="United States", variants=("US", "U.S."), case_sensitive=True),
            Entity(id="sari-pul", kind="place", name="Sar-e-Pul", variants=("Sari Pul",)),
        ]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Nobody is named here.", []),
        # The longest name that fits, in any case where the entity allows it.
        (
            "Islamic State Khorasan and Islamic State",
            [("Islamic State Khorasan", "branch"), ("Islamic State", "group")],
        ),
        ("islamic state khorasan, islamic state", [("islamic state khorasan", "branch")]),
        # Spaces and hyphens, dashes and no-break spaces are alike; apostrophes straight or curly.
        ("IS K, IS–K, IS\u00a0K, IS‑K", [(name, "branch") for name in ("IS K", "IS–K", "IS\u00a0K", "IS‑K")]),
        ("Sar e Pul and SARI-PUL", [("Sar e Pul", "sari-pul"), ("SARI-PUL", "sari-pul")]),
        ("Da’esh, Da'esh", [("Da’esh", "group"), ("Da'esh", "group")]),
        # Whole words only; what follows with a hyphen or an apostrophe is not the name's.
        ("ISISK CRISIS", []),
        ("IS-K’s men, IS-K-linked men", [("IS-K", "branch"), ("IS-K", "branch")]),
        ("They told us that the US left.", [("US", "us")]),
        ("The U.S. left.", [("U.S.", "us")]),
    ],
)
def test_mentions(small: Glossary, text: str, expected: list[tuple[str, str]]) -> None:
    found = small.mentions(text)
    assert [(text[mention.start : mention.end], mention.entity.id) for mention in found] == expected


def test_ancestors_nearest_first(small: Glossary) -> None:
    assert [entity.id for entity in small.ancestors(small.by_id["branch"])] == ["group"]
    assert list(small.ancestors(small.by_id["us"])) == []


def test_a_circle_of_parts_ends() -> None:
    circle = Glossary(
        [Entity(id="a", kind="x", name="A", part_of="b"), Entity(id="b", kind="x", name="B", part_of="a")]
    )
    assert [entity.id for entity in circle.ancestors(circle.by_id["a"])] == ["b"]


def test_a_part_of_nothing_is_refused() -> None:
    with pytest.raises(ManifestError, match="part of b"):
        Glossary([Entity(id="a", kind="x", name="A", part_of="b")])


def test_an_empty_glossary_finds_nothing() -> None:
    assert Glossary().mentions("ISIS-K in Kabul") == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[[entity]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b'[[entity]]\nid = "a"\nkind = "x"', "entity.0.name: Field required"),
        (b'[[entity]]\nid = "A B"\nkind = "x"\nname = "A"', "entity.0.id"),
        (b'[[entity]]\nid = "a"\nkind = "x"\nname = "A"\nalias = "B"', "entity.0.alias"),
        (b'[[entity]]\nid = "a"\nkind = "x"\nname = "A"\npart_of = "b"', "part of b"),
    ],
)
def test_a_file_that_is_not_valid(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "glossary.toml"
    path.write_bytes(data)
    with pytest.raises(ManifestError, match=message) as caught:
        Glossary.load(path)
    assert str(caught.value).count("\n") == 0


def test_a_file_that_is_absent(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        Glossary.load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    "name",
    ["ISIS-K", "IS-K", "ISKP", "ISISK", "ISIL-K", "Daesh-K", "Daesh Khorasan", "Islamic State Khorasan Province"],
)
def test_the_shipped_names_of_the_group_are_one(glossary: Glossary, name: str) -> None:
    assert [mention.entity.id for mention in glossary.mentions(f"How large is {name} now?")] == ["isis-k"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jowzjan", "Jawzjan"), ("Sar-e-Pul", "Sari Pul"), ("Taliban", "Islamic Emirate"), ("ISIS", "Daesh")],
)
def test_shipped_variants_are_one(glossary: Glossary, one: str, other: str) -> None:
    first, second = (glossary.mentions(f"What of {name} now?") for name in (one, other))
    assert [mention.entity for mention in first] == [mention.entity for mention in second] != []


def test_the_pakistani_taliban_are_not_the_taliban(glossary: Glossary) -> None:
    assert [mention.entity.id for mention in glossary.mentions("Tehrik-i-Taliban fought the Taliban.")] == [
        "ttp",
        "taliban",
    ]
