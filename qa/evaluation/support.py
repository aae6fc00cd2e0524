"""Whether the citations of an answer carry its sentences: by the verifier, and by the gold evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

from qa.evaluation.spans import Span, hits, overlap
from qa.models import Answer, Citation, Support
from qa.verification import Setting, Verifier
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """``supported``: by all its valid citations together; ``needed``: one for each of its citations, in order.

    ``on_evidence``: one of them, valid, is of gold evidence.
    """

    supported: bool
    needed: tuple[bool, ...]
    on_evidence: bool


class SupportScorer:
    """Verifies the sentences of answers again, from the articles, whatever the record says of them."""

    def __init__(self, articles: Sequence[Article], chunks: Sequence[Chunk]) -> None:
        with as_file(files("seeds") / "glossary.toml") as path:
            self._verifier = Verifier(Analyser(Glossary.load(path)))
        self._articles = {article.id: article for article in articles}
        self._chunks = chunks

    def scores(self, answer: Answer, valid: Sequence[Citation], evidence: Sequence[Span]) -> tuple[SentenceScore, ...]:
        """One for each sentence of an answer; none for an abstention's."""
        by_marker = {citation.marker: citation for citation in valid}
        return tuple(
            self._score(sentence.text, [by_marker.get(marker) for marker in sentence.citations], evidence)
            for sentence in answer.sentences
        )

    def _score(self, text: str, cited: Sequence[Citation | None], evidence: Sequence[Span]) -> SentenceScore:
        """A citation is needed when it supports the sentence alone, or the others do not without it.

        Source: T. Gao et al., "Enabling Large Language Models to Generate Text with Citations" (ALCE), EMNLP 2023,
        section 4, with the program's verifier in place of an entailment model.
        """
        valid = [citation for citation in cited if citation is not None]
        supported = self._supports(text, valid)
        needed = tuple(
            supported
            and citation is not None
            and (
                len(valid) == 1
                or self._supports(text, [citation])
                or not self._supports(text, [other for other in valid if other is not citation])
            )
            for citation in cited
        )
        return SentenceScore(supported, needed, any(hits(citation, evidence) for citation in valid))

    def _supports(self, text: str, cited: Sequence[Citation]) -> bool:
        verdict = self._verifier.verify(text, [each.quote for each in cited], [self._setting(each) for each in cited])
        return verdict.support is Support.SUPPORTED

    def _setting(self, citation: Citation) -> Setting:
        article = self._articles.get(citation.article_id)
        chunk = next((chunk for chunk in self._chunks if overlap(chunk, citation)), None)
        if article is None or chunk is None:
            return Setting(publisher=citation.publisher or "", titles=citation.title)
        return Setting(
            publisher="\n".join(part for part in (article.publisher, article.origin) if part),
            titles="\n".join(part for part in (article.title, chunk.heading) if part),
            before=article.text[chunk.start : citation.start],
            around=chunk.text,
            published=article.published,
        )
