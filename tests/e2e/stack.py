"""The whole of WeCreate as an operator starts it, with limits for tests that are in a hurry."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import yaml

from bots.operation.embedded import prepare_settings, with_values
from bots.operation.layout import Layout, Ports
from tests.clients import MatrixPerson
from tests.synapse_config import generous_limits
from tests.whole_stack import WholeStack


class Stack(WholeStack):
    """Use as `with`; after `stop` or a kill, `start` keeps folder and ports.

    What else is given stands in the homeserver's settings.
    """

    def __init__(self, folder: Path, **homeserver: object) -> None:
        super().__init__(folder)
        layout = Layout(folder)
        layout.make()
        layout.local_yaml.write_text(yaml.safe_dump({**generous_limits(), **homeserver}))
        prepare_settings(layout, Ports(self.port_base), None)
        # Other calendar servers are on this machine too.
        near = {("calendars", "external"): '["127.0.0.1"]'}
        layout.settings.write_text(with_values(layout.settings.read_text(), near))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return str(self.facts["homeserver"])

    @property
    def bot(self) -> str:
        return str(self.facts["bot_user_id"])

    async def person(self, name: str) -> MatrixPerson:
        """A fresh account; log in with `async with`."""
        secret = str(self.facts["registration_shared_secret"])
        return await MatrixPerson.new(self.url, secret, name)
