"""The composition root: the only module that turns settings into objects."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from qa import log
from qa.doctor import Check, answering
from qa.errors import HistoryError, SettingsError
from qa.settings import AnswererName, Settings
from vectorstore.serving.address import Server, is_server, make_server

if TYPE_CHECKING:
    from qa.adding import Adding
    from qa.chain import AnswerChain
    from qa.chat import ChatModel
    from qa.history import History
    from qa.models import Answer, Conversation
    from qa.providers import ModelSettings
    from qa.replay import Replayed
    from qa.run import Reading
    from qa.trace import Trace
    from vectorstore.analysis import Analyser
    from vectorstore.catalog import Catalog
    from vectorstore.embedding import Embedder
    from vectorstore.ingest import Ingestor, IngestReport
    from vectorstore.models import Article, Chunk
    from vectorstore.opening import OpenStore
    from vectorstore.pipeline import Progress
    from vectorstore.source_state import SourceState
    from vectorstore.summaries import ArticleSummary


class Application:
    """What every front end works with. Cheap to make: what is heavy to import is imported when it is first used.

    Its methods may be called from several threads.
    """

    def __init__(self, settings: Settings) -> None:
        # A store that is a folder takes the place of home, with all that is in it.
        if settings.store and not is_server(settings.store):
            settings = settings.model_copy(update={"home": Path(settings.store), "store": None})
        self.settings = settings
        self._lock = RLock()
        # Another one than for reading: while articles are added, questions are answered.
        self._writing = RLock()
        self._chat: ChatModel | None = None
        self._chat_settings: ModelSettings | None = None
        self.history_file: Path | None = None
        self._histories: dict[tuple[Path, int], History] = {}

    def __enter__(self) -> "Application":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store, the model and the history."""
        if "adding" in self.__dict__:
            self.adding.close()
        with self._writing, self._lock:
            if self._chat is not None:
                self._chat.close()
                self._chat = None
            if "_store" in self.__dict__:
                self.__dict__.pop("_store").close()
            self.__dict__.pop("_reading", None)
            for history in list(self._histories.values()):
                history.close()

    # The store

    def prepare(self, progress: "Callable[[Progress], None] | None" = None) -> "IngestReport | None":
        """Ingest the shipped articles when the store is empty; None when there was nothing to do.

        An ingest of theirs that was broken off is finished. Once they were in, what the store holds is its owner's.
        While another program does this, it is waited for, up to a bound; then StoreBusyError is raised.
        """
        if self._store.remote is not None:
            return None
        from qa.shipped import ingest_shipped

        with self._writing:
            return ingest_shipped(self._catalog, self._ingestor, self._writer_lock, progress)

    def ingest(
        self, paths: Sequence[Path], progress: "Callable[[Progress], None] | None" = None, *, prune: bool = False
    ) -> "IngestReport":
        """Take in files and folders; ``prune``: and drop what is no longer in the folders. Raises VectorStoreError."""
        with self._writing:
            return self._ingestor().run(paths, progress, prune=prune)

    @cached_property
    def adding(self) -> "Adding":
        """What is added while questions are asked."""
        from qa.adding import Adding

        return Adding(self.ingest, lambda error: log.unexpected(self.settings.home, error, self.settings.secrets()))

    def remove(self, references: Sequence[str]) -> "list[Article]":
        """Drop articles, all or none; which they were. Raises UnknownArticleError and StoreError."""
        from qa.shipped import leave_to_owner
        from vectorstore.writer_lock import writer_lock

        with self._writing, writer_lock(self._writer_lock, "remove"):
            removed = self._ingestor().remove(references)
            leave_to_owner(self._catalog)
            return removed

    @property
    def _writer_lock(self) -> Path:
        return self.settings.home / "writer.lock"

    def _ingestor(self) -> "Ingestor":
        from vectorstore.ingest import Ingestor

        with self._lock:
            if self._store.remote is not None:
                self.__dict__.pop("_reading", None)
            self._store.claim()
            return Ingestor(self._catalog, self._store.index, self._embedder, self._analyser, self._writer_lock)

    def articles(self) -> "list[Article]":
        """All of them, the oldest first, the undated last."""
        return self._store.reader.articles()

    def summaries(self) -> "list[ArticleSummary]":
        """Of all articles, in the same order, without their texts."""
        return self._store.summaries()

    def article(self, reference: str) -> "Article":
        """By id, unique start of an id, or file name. Raises UnknownArticleError."""
        return self._store.reader.article(reference)

    def source_states(self, article_ids: Iterable[str]) -> "dict[str, SourceState]":
        """Whether the files that articles were read from are as they were, by article."""
        from vectorstore.source_state import source_states

        return source_states(self._catalog, article_ids)

    def chunks(self) -> "list[Chunk]":
        return self._store.reader.chunks()

    @property
    def note(self) -> str | None:
        """What a person should know of how is searched here."""
        return (
            None if self._store.remote is None else "by meaning only: the catalog of this store is on another machine"
        )

    # Answering

    def reconfigure(self, settings: Settings) -> None:
        """Answer by other settings from the next chain on; where the store is was looked at when it was opened.

        What is being answered or added goes on as it was begun.
        """
        with self._lock:
            if settings.embedding_model or self.settings.embedding_model:
                # It may be at the endpoint that was changed. The store's catalog and index stay open.
                for part in ("_embedder", "_reading"):
                    self.__dict__.pop(part, None)
                if "_store" in self.__dict__:
                    self._store.forget_remote()
            self.settings = settings

    def answerer(self, name: AnswererName | None = None) -> Literal["extractive", "llm"]:
        """Who answers: ``auto`` (the default) means a model when one is configured."""
        wanted = name or self.settings.answerer
        if wanted == "auto":
            return "llm" if self.settings.model else "extractive"
        return wanted

    def chain(self, answerer: AnswererName | None = None) -> "AnswerChain":
        """The chain for an answerer. Raises SettingsError when a model is asked for and none is configured."""
        from qa.chain import AnswerChain
        from qa.llm import ModelAnswerer, prompt_size

        settings = self.settings
        with self._lock:
            if self.answerer(answerer) == "extractive":
                return AnswerChain(self._reading, strict=settings.strict, keep=self._keep)
            model = self.model()
            # As it was configured: a local model's own name is that of its file, without the prefix.
            asking = ModelAnswerer(prompt_size(settings.prompt, settings.model or ""), structured=settings.structured)
            return AnswerChain(self._reading, model, asking, strict=settings.strict, keep=self._keep)

    def _keep(self, answer: "Answer", trace: "Trace") -> None:
        if self.settings.history:
            # The answer is as good without it.
            with log.instead_of(HistoryError, self.settings.home):
                self.history.keep(answer, trace)

    @property
    def history(self) -> "History":
        from qa.history import FILE, History

        kept = self.history_file or self.settings.home / FILE, self.settings.history
        return self._histories.setdefault(kept, History(*kept))

    def replay(self, reference: str) -> "Replayed":
        """Make a kept answer again, with no call to a model. Raises QAError."""
        from qa.replay import replay

        with self._lock:
            return replay(self.history.find(reference), self._reading)

    def answer(self, question: str, history: "Conversation | None" = None, as_of: str | None = None) -> "Answer":
        """One answer; ``history`` are earlier questions that this one may lean on. Raises what the chain raises."""
        from qa.models import Question

        return self.chain().invoke(Question(question, as_of, history.questions if history else ()))

    def model(self) -> "ChatModel":
        """The model that is configured, for one call at a time or several. Raises SettingsError without one."""
        from qa.providers import ModelSettings, make_chat_model

        settings = self.settings
        if not settings.model:
            raise SettingsError("No model is configured; set ISISK_QA_MODEL, or answer with --answerer extractive.")
        wanted = ModelSettings(
            model=settings.model,
            base_url=settings.base_url,
            api_key=settings.api_key,
            deadline_s=settings.deadline_s,
            max_tokens=settings.max_tokens,
            price_input=settings.price_input,
            price_output=settings.price_output,
            local_threads=settings.local_threads,
        )
        if self._chat is None or wanted != self._chat_settings:
            if self._chat is not None:
                self._chat.close()
                self._chat = None
            self._chat, self._chat_settings = make_chat_model(wanted), wanted
        return self._chat

    @cached_property
    def _reading(self) -> "Reading":
        if not self.settings.tracing:
            from qa.providers import silence_tracing

            silence_tracing()
        from qa.conflicts import ConflictFinder
        from qa.evidence import EvidenceScorer
        from qa.polarity import Polarity
        from qa.refusals import Coverage
        from qa.run import Reading
        from qa.verification import Verifier
        from vectorstore.embedding import RecentTexts
        from vectorstore.lexicon import Lexicon
        from vectorstore.retrieval import HybridRetriever

        catalog, embedder, analyser = self._store.reader, RecentTexts(self._embedder), self._analyser

        @lru_cache(maxsize=1)
        def coverage(generation: int) -> Coverage:
            return Coverage(catalog.lexical.years(), catalog.years_published())

        lexicon, polarity = Lexicon(catalog, embedder, analyser), Polarity.load()
        verifier = Verifier(analyser, polarity)
        return Reading(
            retriever=HybridRetriever.over(
                catalog, self._store.dense, embedder, analyser, self.settings.passages, lexicon
            ),
            embedder=embedder,
            analyser=analyser,
            lexicon=lexicon,
            scorer=EvidenceScorer(analyser, lexicon, polarity),
            verifier=verifier,
            conflicts=ConflictFinder(analyser, lexicon, polarity, verifier),
            generation=lambda: catalog.generation,
            coverage=lambda: coverage(catalog.generation),
            snapshot=catalog.reading,
        )

    @cached_property
    def _store(self) -> "OpenStore":
        from vectorstore.opening import OpenStore

        return OpenStore(self.settings.home, self._server(), lambda: self._embedder, lambda: self._analyser)

    def _server(self) -> Server | None:
        settings = self.settings
        if settings.store is None:
            return None
        token, login = (
            each.get_secret_value() if each else None for each in (settings.store_token, settings.store_auth)
        )
        names = {"tenant": settings.store_tenant, "database": settings.store_database}
        try:
            return make_server(settings.store, token=token, login=login, patience_s=settings.store_patience_s, **names)
        except ValueError as error:
            raise SettingsError(str(error)) from None

    @property
    def _catalog(self) -> "Catalog":
        return self._store.catalog

    @cached_property
    def _analyser(self) -> "Analyser":
        from vectorstore.analysis import Analyser
        from vectorstore.glossary import Glossary

        with as_file(files("seeds") / "glossary.toml") as path:
            return Analyser(Glossary.load(path))

    @cached_property
    def _embedder(self) -> "Embedder":
        from qa.endpoint import checked_endpoint
        from vectorstore.embedding import EndpointEmbedder, MiniLMEmbedder

        settings = self.settings
        if settings.embedding_model is None:
            return MiniLMEmbedder()
        base_url = settings.embedding_base_url or settings.base_url
        # The chat model's key is for its own endpoint only.
        shared = settings.api_key if base_url == settings.base_url else None
        _, key = checked_endpoint(base_url, settings.embedding_api_key or shared)
        return EndpointEmbedder(settings.embedding_model, base_url, key or "none")

    # Looking after itself

    def doctor(self, deep: bool = False) -> list[Check]:
        """The model files, the store and the endpoint, each looked at; nothing is changed or sent.

        ``deep``: every row, offset and vector of the store, and the articles' files.
        """
        from qa.store_checks import examine

        checks = examine(self.settings.home, self._store, server=self.settings.store, note=self.note, deep=deep)
        return [*checks, *answering(self.settings.model, self.settings.base_url)]

    def repair(self) -> list[str]:
        """Mend what can be made again from the catalog; what was done, a sentence each. Raises VectorStoreError."""
        from vectorstore.repairing import repair
        from vectorstore.writer_lock import writer_lock

        with self._writing, writer_lock(self._writer_lock, "repair"):
            return repair(self.settings.home, self._catalog, self._store.index, self._analyser)
