"""The embedded installation's settings: written once, its ports kept in step."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from bots.operation.chosen import read_settings
from bots.operation.layout import DEFAULT_PORT_BASE, HOST, Layout, Ports, secret_in, write_private
from bots.operation.terminal import Failure
from wecreate_module.settings import Settings
from wecreate_module.settings.sample import sample

_HEAD = """\
Settings of this WeCreate, made by `wecreate up`; yours to change from here on.
What is commented out shows the default. `wecreate config check FILE` tells every mistake."""


def chosen_ports(layout: Layout, port_base: int | None) -> Ports:
    """The ports asked for, else those of the last start, else the default."""
    if port_base is not None:
        return Ports(port_base)
    if layout.settings.exists():
        return Ports(read_settings(layout.settings).web.port - Ports(0).web)
    return Ports(DEFAULT_PORT_BASE)


def prepare_settings(layout: Layout, ports: Ports, server_name: str | None) -> Settings:
    """The settings in the folder, made on the first start, with the ports as they are now.

    Raises Failure when the file has mistakes or `server_name` is not the one this folder
    was made with.
    """
    if not layout.settings.exists():
        write_private(layout.settings, _first(layout, ports, server_name))
    settings = read_settings(layout.settings)
    if server_name and server_name != settings.server.name:
        raise Failure(
            f"{layout.root} belongs to the server {settings.server.name}, and a homeserver "
            "can't change its name. Leave --server-name out, or choose another folder with --dir."
        )
    now = (settings.server.homeserver, settings.web.port, settings.calendars.port)
    if now != (_homeserver(ports), ports.web, ports.dav):
        new = {
            ("server", "homeserver"): f'"{_homeserver(ports)}"',
            ("web", "port"): str(ports.web),
            ("calendars", "port"): str(ports.dav),
        }
        # An address of the operator's own stays; ours follows the port.
        if settings.calendars.url == _calendars(settings.calendars.port):
            new["calendars", "url"] = f'"{_calendars(ports.dav)}"'
        text = layout.settings.read_text(encoding="utf-8")
        write_private(layout.settings, with_values(text, new))
        settings = read_settings(layout.settings)
    return settings


def _first(layout: Layout, ports: Ports, server_name: str | None) -> str:
    for path in (layout.shared_secret, layout.bot_password):
        secret_in(path)
    return sample(
        {
            "server": {
                "name": server_name or f"localhost:{ports.federation}",
                "homeserver": _homeserver(ports),
                "registration_shared_secret_file": _inside(layout, layout.shared_secret),
            },
            "bot": {"password_file": _inside(layout, layout.bot_password)},
            "web": {"port": ports.web},
            "calendars": {"port": ports.dav, "url": _calendars(ports.dav)},
        },
        head=_HEAD,
    )


def with_values(text: str, values: Mapping[tuple[str, str], str]) -> str:
    """The file with these (section, key) values (in YAML) set, all else untouched.

    What does not stand in the file is added to it. Raises Failure for a section in braces that
    lacks the key.
    """
    for (section, key), value in values.items():
        text = _with_value(text, section, key, value)
    return text


def _with_value(text: str, section: str, key: str, value: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = {name.value: (name, node) for name, node in root.value} if root else {}
    if section not in found:
        return f"{text.rstrip()}\n\n{section}:\n  {key}: {value}\n"
    name, node = found[section]
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    for entry, old in entries:
        if entry.value == key:
            return text[: old.start_mark.index] + value + text[old.end_mark.index :]
    if entries:
        if node.flow_style:
            raise Failure(f"wecreate.yaml: write {key}: {value} into the section {section}.")
        start: int = entries[0][0].start_mark.index
        indent = " " * entries[0][0].start_mark.column
        return f"{text[:start]}{key}: {value}\n{indent}{text[start:]}"
    end: int = text.index(":", name.end_mark.index) + 1
    return f"{text[:end]}\n  {key}: {value}{text[end:].removeprefix(' {}')}"


def _homeserver(ports: Ports) -> str:
    return f"http://{HOST}:{ports.client}"


def _calendars(port: int) -> str:
    return f"http://{HOST}:{port}"


def _inside(layout: Layout, path: object) -> str:
    return str(path).removeprefix(f"{layout.root}/")
