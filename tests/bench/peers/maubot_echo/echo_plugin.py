# mypy: ignore-errors
# maubot is installed in an environment of its own (make bench-setup), so it has no types here.
"""An echo as maubot's own documentation writes it."""

from maubot import MessageEvent, Plugin
from maubot.handlers import command


class EchoPlugin(Plugin):
    @command.new("echo")
    @command.argument("message", pass_raw=True)
    async def echo(self, event: MessageEvent, message: str) -> None:
        await event.reply(message)
