"""A run as JUnit XML, a test case an answer. The only module that imports junitparser."""

import io
import re

from qa.evaluation.folder import StoredRun
from qa.evaluation.report.view import QuestionView, questions_of

# Sanitised text may still hold these, which XML 1.0 has no way to write.
_NOT_XML = re.compile("[\ufffe\uffff]")


def render_junit(run: StoredRun, split: str) -> str:
    """A suite for each category: a wrong answer is a failure, a typed error an error, an unscored one skipped."""
    # Measured: 20 ms with this import, which only this format waits for.
    from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

    views = questions_of(run.finished(), split, {})
    document = JUnitXml(_xml(run.path.name))
    for category in dict.fromkeys(view.category for view in views):
        suite = TestSuite(category)
        for view in (each for each in views if each.category == category):
            case = TestCase(_xml(_name(view)), classname=f"{view.split}.{category}", time=view.wall_ms / 1000)
            case.system_out = _xml(view.answer)
            if view.result == "wrong":
                case.result = [Failure(_xml(_why(view)), view.outcome)]
            elif view.result == "error":
                case.result = [Error(_xml(view.error or ""), "error")]
            elif view.result == "unscored":
                case.result = [Skipped("it has no score")]
            suite.add_testcase(case)
        document.add_testsuite(suite)
    target = io.BytesIO()
    document.write(target)
    return target.getvalue().decode("utf-8")


def _name(view: QuestionView) -> str:
    return f"{view.id}{f'#{view.repeat}' if view.repeat > 1 else ''} {view.question}"


def _why(view: QuestionView) -> str:
    missing = [nugget.text for nugget in view.nuggets if nugget.importance == "vital" and not nugget.found]
    parts = [
        *([f"refused: {view.reason}"] if view.reason else []),
        *(f"not said: {text}" for text in missing),
        *(f"forbidden claim: {claim}" for claim in view.forbidden),
    ]
    return "; ".join(parts) or view.outcome


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
