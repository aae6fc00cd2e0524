"""The composition root: the only module that turns settings into objects."""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from qa.doctor import Check, endpoint, model_files
from qa.errors import SettingsError
from qa.settings import AnswererName, Settings
from vectorstore.server import Server, is_server, make_server

if TYPE_CHECKING:
    from pydantic import SecretStr

    from qa.chain import AnswerChain, Reading
    from qa.chat import ChatModel
    from vectorstore.analysis import Analyser
    from vectorstore.catalog import Catalog
    from vectorstore.dense import VectorIndex
    from vectorstore.embedding import Embedder
    from vectorstore.ingest import IngestReport, Progress
    from vectorstore.models import Article, Chunk
    from vectorstore.reading import CatalogReader
    from vectorstore.remote import RemoteCatalog
    from vectorstore.server_index import ServerIndex

_SHIPPED = "shipped_articles"


class Application:
    """What every front end works with. Cheap to make: what is heavy to import is imported when it is first used.

    Its methods may be called from several threads.
    """

    def __init__(self, settings: Settings) -> None:
        # A store that is a folder takes the place of home, with all that is in it.
        folder = (
            {"home": Path(settings.store), "store": None} if settings.store and not is_server(settings.store) else {}
        )
        self.settings = settings.model_copy(update=folder)
        self._lock = RLock()
        self._chat: ChatModel | None = None

    def __enter__(self) -> "Application":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store and the model."""
        with self._lock:
            if self._chat is not None:
                self._chat.close()
                self._chat = None
            for name in ("_remote", "_index", "_catalog"):
                if name in self.__dict__ and (opened := self.__dict__.pop(name)) is not None:
                    opened.close()
            self.__dict__.pop("_reading", None)

    # The store

    def prepare(self, progress: "Callable[[Progress], None] | None" = None) -> "IngestReport | None":
        """Ingest the shipped articles when the store is empty; None when there was nothing to do.

        An ingest of theirs that was broken off is finished. Once they were in, what the store holds is its owner's.
        """
        with self._lock:
            if self._remote is not None:
                return None
            if self._catalog.meta(_SHIPPED) == "done" or (
                self._catalog.meta(_SHIPPED) is None and self._catalog.count_chunks()
            ):
                return None
            with self._catalog.writing():
                self._catalog.set_meta(_SHIPPED, "begun")
            with as_file(files("seeds") / "articles") as folder:
                report = self.ingest([folder], progress)
            with self._catalog.writing():
                self._catalog.set_meta(_SHIPPED, "done")
            return report

    def ingest(self, paths: Sequence[Path], progress: "Callable[[Progress], None] | None" = None) -> "IngestReport":
        """Take in files and folders. Raises VectorStoreError."""
        from vectorstore.ingest import Ingestor

        with self._lock:
            if (server := self._server_index) is not None:
                server.require_own()
                # From now on this machine is the one that has the catalog.
                if (remote := self.__dict__.pop("_remote", None)) is not None:
                    remote.close()
                    self.__dict__.pop("_reading", None)
            lock = self.settings.home / "writer.lock"
            return Ingestor(self._catalog, self._index, self._embedder, self._analyser, lock).run(paths, progress)

    def articles(self) -> "list[Article]":
        """All of them, the oldest first, the undated last."""
        return self._reader.articles()

    def article(self, reference: str) -> "Article":
        """By id, unique start of an id, or file name. Raises UnknownArticleError."""
        return self._reader.article(reference)

    def chunks(self) -> "list[Chunk]":
        return self._reader.chunks()

    @property
    def note(self) -> str | None:
        """What a person should know of how is searched here."""
        return None if self._remote is None else "by meaning only: the catalog of this store is on another machine"

    # Answering

    def answerer(self, name: AnswererName | None = None) -> Literal["extractive", "llm"]:
        """Who answers: ``auto`` (the default) means a model when one is configured."""
        wanted = name or self.settings.answerer
        if wanted == "auto":
            return "llm" if self.settings.model else "extractive"
        return wanted

    def chain(self, answerer: AnswererName | None = None) -> "AnswerChain":
        """The chain for an answerer. Raises SettingsError when a model is asked for and none is configured."""
        from qa.chain import AnswerChain

        with self._lock:
            if self.answerer(answerer) == "extractive":
                return AnswerChain(self._reading)
            from qa.llm import ModelAnswerer

            return AnswerChain(self._reading, self._model(), ModelAnswerer())

    def _model(self) -> "ChatModel":
        from qa.providers import ModelSettings, make_chat_model

        if self._chat is None:
            if not self.settings.model:
                raise SettingsError("No model is configured; set ISISK_QA_MODEL, or answer with --answerer extractive.")
            self._chat = make_chat_model(
                ModelSettings(
                    model=self.settings.model,
                    base_url=self.settings.base_url,
                    api_key=self.settings.api_key,
                    deadline_s=self.settings.deadline_s,
                )
            )
        return self._chat

    @cached_property
    def _reading(self) -> "Reading":
        if not self.settings.tracing:
            from qa.providers import silence_tracing

            silence_tracing()
        from qa.chain import Reading
        from qa.evidence import EvidenceScorer
        from qa.polarity import Polarity
        from qa.refusals import Coverage
        from qa.verification import Verifier
        from vectorstore.lexicon import Lexicon
        from vectorstore.retrieval import HybridRetriever

        catalog, embedder, analyser = self._reader, self._embedder, self._analyser

        @lru_cache(maxsize=1)
        def coverage(generation: int) -> Coverage:
            return Coverage(catalog.lexical.years(), catalog.years_published())

        lexicon, polarity = Lexicon(catalog, embedder, analyser), Polarity.load()
        return Reading(
            retriever=HybridRetriever.over(
                catalog, self._remote or self._index, embedder, analyser, self.settings.passages
            ),
            embedder=embedder,
            analyser=analyser,
            lexicon=lexicon,
            scorer=EvidenceScorer(analyser, lexicon, polarity),
            verifier=Verifier(analyser, polarity),
            generation=lambda: catalog.generation,
            coverage=lambda: coverage(catalog.generation),
        )

    @cached_property
    def _catalog(self) -> "Catalog":
        from vectorstore.analysis import ANALYSIS_VERSION
        from vectorstore.catalog import Catalog

        return Catalog(self.settings.home / "catalog.sqlite3", ANALYSIS_VERSION)

    @cached_property
    def _index(self) -> "VectorIndex":
        from vectorstore.dense import VectorIndex

        return VectorIndex(self.settings.home / "index", self._catalog, self._server_index)

    @property
    def _server_index(self) -> "ServerIndex | None":
        from vectorstore.server_index import ServerIndex

        return None if self._server is None else ServerIndex(self._server, self._catalog)

    @cached_property
    def _server(self) -> Server | None:
        settings = self.settings
        if settings.store is None:
            return None
        try:
            return make_server(
                settings.store,
                token=_secret(settings.store_token),
                login=_secret(settings.store_auth),
                tenant=settings.store_tenant,
                database=settings.store_database,
                patience_s=settings.store_patience_s,
            )
        except ValueError as error:
            raise SettingsError(str(error)) from None

    @cached_property
    def _remote(self) -> "RemoteCatalog | None":
        """The store's server, when the catalog that it follows is not on this machine."""
        if self._server is None:
            return None
        if (self.settings.home / "catalog.sqlite3").is_file():
            from vectorstore.journal import IndexJournal

            published = IndexJournal(self._catalog.database).published
            if published is not None and published.place == self._server.place:
                return None
        from vectorstore.remote import RemoteCatalog

        return RemoteCatalog(self._server, self._embedder, self._analyser)

    @property
    def _reader(self) -> "CatalogReader":
        return self._remote or self._catalog

    @cached_property
    def _analyser(self) -> "Analyser":
        from vectorstore.analysis import Analyser
        from vectorstore.glossary import Glossary

        with as_file(files("seeds") / "glossary.toml") as path:
            return Analyser(Glossary.load(path))

    @cached_property
    def _embedder(self) -> "Embedder":
        from vectorstore.embedding import EndpointEmbedder, MiniLMEmbedder

        settings = self.settings
        if settings.embedding_model is None:
            return MiniLMEmbedder()
        key = settings.embedding_api_key or settings.api_key
        return EndpointEmbedder(
            settings.embedding_model,
            settings.embedding_base_url or settings.base_url,
            key.get_secret_value() if key else "none",
        )

    # Looking after itself

    def doctor(self) -> list[Check]:
        """The model files, the store and the endpoint, each looked at; nothing is changed or sent."""
        from vectorstore.embedding import MINILM_MODEL, MINILM_TOKENIZER
        from vectorstore.errors import VectorStoreError

        checks: list[Check] = []
        try:
            checks += model_files({file.locate(): file.sha256 for file in (MINILM_MODEL, MINILM_TOKENIZER)})
        except VectorStoreError as error:
            checks.append(Check("model files", False, str(error)))
        try:
            if self._remote is not None:
                found = f"{self._remote.lexical.count()} chunks on {self._server and self._server.url}; {self.note}"
                return [*checks, Check("store", True, found)]
            catalog = self._catalog
            found = f"{len(catalog.articles())} articles, {catalog.count_chunks()} chunks in {self.settings.home}"
            checks.append(Check("store", True, found))
            in_use = self._index.in_use
            checks.append(
                Check("vector index", in_use, "agrees with the catalog" if in_use else "not usable; searching exactly")
            )
        except VectorStoreError as error:
            checks.append(Check("store", False, str(error)))
        if self.settings.base_url:
            checks.append(endpoint(self.settings.base_url))
        return checks


def _secret(value: "SecretStr | None") -> str | None:
    return value.get_secret_value() if value else None
