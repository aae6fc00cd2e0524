"""Names that stand for the same thing, so that a question in one name finds an article that uses another."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vectorstore.errors import ManifestError, first_problem


class Entity(BaseModel):
    """One thing and its names. ``part_of`` names the entity that this one is a branch or a part of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"[a-z0-9]+(-[a-z0-9]+)*")
    kind: str
    name: str
    variants: tuple[str, ...] = ()
    case_sensitive: bool = False
    part_of: str | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """``text[start:end]`` is a name of ``entity``."""

    start: int
    end: int
    entity: Entity


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entity: tuple[Entity, ...] = ()


# What a name may be written with besides its own characters.
_JOINS = r"[\s\u00a0\-–—‑]*"
_APOSTROPHES = "['’ʼ`]"


class Glossary:
    """Finds the names of known entities in a text, the longest first."""

    def __init__(self, entities: Sequence[Entity] = ()) -> None:
        self.entities = tuple(entities)
        self.by_id = {entity.id: entity for entity in entities}
        for entity in entities:
            if entity.part_of is not None and entity.part_of not in self.by_id:
                raise ManifestError(f"glossary: {entity.id} is part of {entity.part_of}, which is not there.")

    @classmethod
    def load(cls, path: Path) -> "Glossary":
        """Read a glossary.toml. Raises ManifestError."""
        try:
            with path.open("rb") as file:
                return cls(_File.model_validate(tomllib.load(file)).entity)
        except ValidationError as error:
            raise ManifestError(f"The glossary {path} is not valid: {first_problem(error)}.") from error
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ManifestError(f"The glossary {path} cannot be read: {error}.") from error

    def ancestors(self, entity: Entity) -> Iterator[Entity]:
        """What the entity is a part of, nearest first."""
        seen = {entity.id}
        while entity.part_of is not None and entity.part_of not in seen:
            entity = self.by_id[entity.part_of]
            seen.add(entity.id)
            yield entity

    def mentions(self, text: str) -> list[Mention]:
        """The names in ``text``, in order, without overlap."""
        if not self.entities:
            return []
        return [
            Mention(match.start(), match.end(), self._entity(match.group())) for match in self._pattern.finditer(text)
        ]

    def _entity(self, name: str) -> Entity:
        key = _key(name)
        return self._exact.get(key) or self._folded[key.casefold()]

    @cached_property
    def _exact(self) -> dict[str, Entity]:
        return {_key(name): entity for entity in self.entities for name in (entity.name, *entity.variants)}

    @cached_property
    def _folded(self) -> dict[str, Entity]:
        return {key.casefold(): entity for key, entity in self._exact.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = [(name, entity.case_sensitive) for entity in self.entities for name in (entity.name, *entity.variants)]
        names.sort(key=lambda pair: len(pair[0]), reverse=True)
        alternatives = (_spelled(name) if exact else f"(?i:{_spelled(name)})" for name, exact in names)
        return re.compile(rf"(?<![\w])(?:{'|'.join(alternatives)})(?![\w])")


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name)


def _spelled(name: str) -> str:
    """A pattern in which the spaces and hyphens of a name may be either, and apostrophes straight or curly."""
    parts = [re.escape(part) for part in re.split(r"[\s\-–—‑]+", name)]
    return re.sub(r"['’ʼ`]", lambda _: _APOSTROPHES, (_JOINS[:-1] + "+").join(parts))
