"""What can go wrong with a question.

QAError
├── UsageError        the person asked for something that cannot be (exit code 2)
│   ├── QuestionError an empty, over-long or unreadable question
│   ├── SettingsError a setting that is missing or not valid
│   └── UnknownAnswerError  no kept answer has that id
├── HistoryError      the file of past answers cannot be used (exit code 1)
│   └── DamagedHistoryError  it was moved aside, and a new one is begun
├── ReplayError       a kept answer cannot be made again (exit code 1)
└── ModelError        the model's endpoint failed (exit code 1)
    ├── AuthenticationError   the key was refused
    ├── UnreachableError      refused, no such host, TLS
    ├── DeadlineError         it took longer than it may
    ├── RateLimitError        too many requests or no quota left
    ├── RequestRefusedError   no such model, prompt too long, anything else the endpoint says no to
    ├── BadReplyError         an empty, cut-off or unreadable reply
    ├── LocalModelError       a model file on this machine cannot be fetched, read or served
    └── CancelledError        whoever asked gave the question up

Every message is one sentence that tells a person what to do; none holds a key.
"""


class QAError(Exception):
    """Base of everything this package raises on purpose."""


class UsageError(QAError):
    """The person asked for something that cannot be."""


class QuestionError(UsageError):
    """An empty, over-long or unreadable question."""


class SettingsError(UsageError):
    """A setting that is missing or not valid."""


class UnknownAnswerError(UsageError):
    """No kept answer has that id, or more than one begins with it."""


class HistoryError(QAError):
    """The file of past answers cannot be used."""


class DamagedHistoryError(HistoryError):
    """The file of past answers was damaged; it has been moved aside, and the next call begins a new one."""


class ReplayError(QAError):
    """A kept answer cannot be made again."""


class ModelError(QAError):
    """The model's endpoint failed; ``retries`` is how often it was asked again before.

    ``lasting``: no other question is answered there either until somebody mends it, such as a key that is wrong.
    """

    retries = 0

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class AuthenticationError(ModelError):
    """The key was refused."""


class UnreachableError(ModelError):
    """The endpoint cannot be reached: refused, no such host, TLS."""


class DeadlineError(ModelError):
    """The call took longer than it may."""


class RateLimitError(ModelError):
    """Too many requests, or no quota left."""


class RequestRefusedError(ModelError):
    """No such model, prompt too long, or anything else the endpoint says no to."""


class BadReplyError(ModelError):
    """An empty, cut-off or unreadable reply; nothing partial is passed on as complete."""


class LocalModelError(ModelError):
    """A model file on this machine cannot be fetched, read or served."""


class CancelledError(ModelError):
    """Whoever asked gave the question up."""
