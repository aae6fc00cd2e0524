"""A defect in one handler is shown and logged; it does not end the program."""

from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import MountError


class Guarded(MessagePump):
    """Put before a widget's or a screen's own base: what a handler raises goes to the app, and the next message comes.

    Textual's own loop ends with the first exception, and with it whatever the widget was there for.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except MountError as error:
            # From the moment that the program is left, nothing can be put into its widgets, and nothing needs to be.
            if self.is_attached:
                self.app._handle_exception(error)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a handler
            self.app._handle_exception(error)
