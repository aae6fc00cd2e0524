"""PDF files: the text layer, page by page, its lines joined to paragraphs."""

import io
import logging
import re
import time
import zlib
from typing import Any

from vectorstore.errors import LoadError
from vectorstore.formats.fields import Draft, headline, one_line
from vectorstore.formats.reflow import reflow

MAX_PAGES = 2_000
MAX_CHARS = 10_000_000
# Drawing commands of a whole file: 2,000 dense pages have about 4 million. They bound the time.
MAX_OPERATIONS = 5_000_000
# For what drawing commands do not count: streams that only look small.
MAX_SECONDS = 300
_MAX_STREAM = 20_000_000
_MAX_STREAM_PARTS = 500_000
# Titles that a program wrote: of its own, or the name of the file.
_NO_TITLE = re.compile(r"untitled|microsoft word|.*\.(?:docx?|rtf|odt|indd|qxd|pdf|tex|dvi|pub|pptx?)", re.IGNORECASE)


class _Exhausted(BaseException):
    """Out of the budget. Not an Exception, since pypdf catches those inside a page."""


def read_pdf(data: bytes, name: str) -> Draft:
    """The title is the file's own, when it states one, else the first line. Its dates and author are its program's and
    its owner's, so they are not read. Raises LoadError.
    """
    # 0.14 s to import.
    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError, PyPdfError

    # It tells of every flaw of a file on stderr.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    # On damaged files pypdf also raises what its own code trips over.
    damage = (
        PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError,
        RecursionError, TypeError, ValueError, zlib.error,
    )  # fmt: skip
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise LoadError(f"{name} is encrypted; save it without a password.")
        if len(reader.pages) > MAX_PAGES:
            raise LoadError(f"{name} has more than {MAX_PAGES:,} pages; split it.")
        pages = _pages(reader)
        title = one_line(reader.metadata.title) if reader.metadata and isinstance(reader.metadata.title, str) else None
    except LimitReachedError as error:
        raise LoadError(f"{name} takes too much work to read; save it as text.") from error
    except damage as error:
        raise LoadError(f"{name} is damaged, or is no PDF.") from error
    except _Exhausted as error:
        raise LoadError(f"{name} takes too much work to read: {error}; save it as text.") from error
    text = reflow([page.replace("\0", "").encode("utf-8", "replace").decode() for page in pages])
    if not any(character.isalnum() for character in text):
        raise LoadError(f"{name} has no text layer, only images; run text recognition (OCR) on it first.")
    if title and _NO_TITLE.match(title):
        title = None
    return Draft(text, "pdf text layer", title=title or headline(text))


def _pages(reader: Any) -> list[str]:
    from pypdf import apply_configuration

    done = 0
    until = time.monotonic() + MAX_SECONDS

    def count(*_: object) -> None:
        nonlocal done
        done += 1
        if done > MAX_OPERATIONS:
            raise _Exhausted(f"more than {MAX_OPERATIONS:,} drawing commands")
        if time.monotonic() > until:
            raise _Exhausted(f"more than {MAX_SECONDS} s")

    pages: list[str] = []
    with apply_configuration(
        zlib_maximum_output_length=_MAX_STREAM,
        lzw_maximum_output_length=_MAX_STREAM,
        run_length_maximum_output_length=_MAX_STREAM,
        array_based_stream_maximum_output_length=_MAX_STREAM,
        xform_maximum_invocations_per_extraction=500,
        stream_parsing_work_maximum_count=_MAX_STREAM_PARTS,
        jbig2dec_binary=None,
    ):
        for page in reader.pages:
            count()
            pages.append(page.extract_text(visitor_operand_before=count))
            if sum(map(len, pages)) > MAX_CHARS:
                raise _Exhausted(f"more than {MAX_CHARS:,} characters")
    return pages
