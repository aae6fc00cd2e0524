"""A defect in one handler is shown and logged; it does not end the program."""

from textual.message import Message
from textual.message_pump import MessagePump


class Guarded(MessagePump):
    """Put before a widget's or a screen's own base: what a handler raises goes to the app, and the next message comes.

    Textual's own loop ends with the first exception, and with it whatever the widget was there for.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a handler
            self.app._handle_exception(error)
