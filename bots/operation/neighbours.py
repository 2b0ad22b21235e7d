"""Stacks of one machine as partners of each other: certificates they trust, names they know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from bots.operation.certificate import make_certificate
from bots.operation.embedded import prepare_settings, with_values
from bots.operation.layout import Layout, Ports, write_private

Json = dict[str, Any]
PULL_SECONDS = 5
_HEAD = "# Written by `wecreate demo --federation`: partners on one machine.\n"


@dataclass(frozen=True)
class Neighbour:
    """A folder with its port base; `port` is where others find it, if not the next one."""

    layout: Layout
    base: int
    port: int | None = None

    @property
    def name(self) -> str:
        return f"localhost:{self.port or Ports(self.base).federation}"


def make_neighbours(all_of_them: Sequence[Neighbour], local: Json | None = None) -> None:
    """Prepare the folders before their first start; later it leaves all as it is.

    Each server trusts the others' certificates alone, and verifies them. `local` are further
    settings of Synapse. Raises Failure.
    """
    for each in all_of_them:
        each.layout.make()
        tls = each.layout.synapse
        make_certificate(tls / "tls.crt", tls / "tls.key", "localhost")
    authorities = [str(each.layout.synapse / "tls.crt") for each in all_of_them]
    for each in all_of_them:
        if each.layout.settings.exists():
            continue
        prepare_settings(each.layout, Ports(each.base), each.name)
        others = [f'"{other.name}"' for other in all_of_them if other is not each]
        text = each.layout.settings.read_text(encoding="utf-8")
        values = {
            ("federation", "partners"): f"[{', '.join(others)}]",
            ("federation", "pull_seconds"): str(PULL_SECONDS),
        }
        write_private(each.layout.settings, with_values(text, values))
        config = {"federation_custom_ca_list": authorities, **(local or {})}
        write_private(each.layout.local_yaml, _HEAD + yaml.safe_dump(config))
