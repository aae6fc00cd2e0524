"""What a change of a widget's size leads to."""

from textual.geometry import Size
from textual.message_pump import MessagePump
from textual.reactive import Reactive


class LaidOutOnce(MessagePump):
    """Put before a widget's own base: having grown, it is not laid out once more.

    Textual does so after each layout that has changed a widget's size. Where a scrollbar comes or goes, that is
    reason enough by itself.
    """

    virtual_size = Reactive(Size(0, 0))
