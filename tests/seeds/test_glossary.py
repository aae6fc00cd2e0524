from collections.abc import Callable
from typing import Any

import pytest

Record = dict[str, Any]

KINDS = {"group", "organisation", "weapon", "person", "place"}


def _names(entity: Record) -> list[str]:
    return [entity["name"], *entity["variants"]]


def test_ids_kinds_and_parts(entities: list[Record]) -> None:
    ids = {entity["id"] for entity in entities}
    assert len(ids) == len(entities)
    assert {entity["kind"] for entity in entities} == KINDS
    assert {entity["part_of"] for entity in entities if "part_of" in entity} <= ids
    assert all(entity.get("roles") for entity in entities if entity["kind"] == "person")


def test_no_name_stands_in_two_entities(entities: list[Record]) -> None:
    owner: dict[str, str] = {}
    for entity in entities:
        names = [name if entity.get("case_sensitive") else name.casefold() for name in _names(entity)]
        assert len(set(names)) == len(names), entity["id"]
        for name in {name.casefold() for name in names}:
            assert owner.setdefault(name, entity["id"]) == entity["id"], name


@pytest.mark.parametrize(
    ("entity_id", "names"),
    [
        ("isis-k", ["ISIS-K", "IS-K", "ISK", "ISKP", "ISISK", "ISIL-K", "Daesh-K", "Daesh Khorasan"]),
        ("isis", ["IS", "ISIS", "ISIL", "Daesh", "Islamic State group"]),
        ("taliban", ["Taliban", "Taleban", "Islamic Emirate of Afghanistan"]),
        ("ttp", ["Pakistani Taliban", "Tehrik-i-Taliban", "TTP"]),
        ("jowzjan", ["Jowzjan", "Jawzjan", "Jozjan"]),
        ("sar-e-pul", ["Sar-e-Pul", "Sari Pul", "Sar-i-Pul", "Sar e Pol"]),
        ("moab", ["MOAB", "mother of all bombs"]),
    ],
)
def test_names_that_must_be_one(entities: list[Record], entity_id: str, names: list[str]) -> None:
    entity = next(record for record in entities if record["id"] == entity_id)
    assert set(names) <= set(_names(entity))


def test_branches_and_strangers(entities: list[Record]) -> None:
    part_of = {entity["id"]: entity.get("part_of") for entity in entities}
    assert part_of["isis-k"] == "isis"
    assert part_of["ttp"] is None
    # The Taliban's own news agency speaks for them.
    assert part_of["voice-of-jihad"] == "taliban"


def test_names_that_are_common_words_keep_their_case(entities: list[Record]) -> None:
    common = {"is", "us", "mines", "ap"}
    for entity in entities:
        if not entity.get("case_sensitive"):
            assert not common & {name.casefold() for name in _names(entity)}, entity["id"]
        assert not common & set(_names(entity)), entity["id"]


def test_every_person_of_the_articles_is_named_in_one(
    entities: list[Record], texts: dict[str, str], holds: Callable[[str, str], bool]
) -> None:
    # What people add to the articles speaks of others; these stand at the end.
    beyond = [entity["id"] for entity in entities].index("un")
    for entity in entities[:beyond]:
        if entity["kind"] == "person":
            assert any(holds(text, name) for text in texts.values() for name in _names(entity)), entity["id"]
