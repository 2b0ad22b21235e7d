"""Radicale's protocol layer, set up with WeCreate's plugins.

It takes a while to import, so the server does that beside the first requests: `Later`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from radicale import config, pathutils, xmlutils
from radicale.app import Application as Radicale

from bridges.caldav.plugins import Auth, Rights, Storage
from bridges.caldav.quiet import keep_content_out
from bridges.caldav.visit import current
from bridges.caldav.zones import register_zones

_MAX_OCCURRENCES = 10_000
_SIZE, _PROPSTAT, _PROP, _STATUS = map(
    xmlutils.make_clark, ("D:getcontentlength", "D:propstat", "D:prop", "D:status")
)


class Protocol(Radicale):
    """Radicale, but that a collection has no size: all its texts would be opened to tell it."""

    def _xml_response(self, xml_content: Element, request_info: dict[Any, Any]) -> bytes:
        for response in xml_content:
            href = response.find(xmlutils.make_clark("D:href"))
            if href is not None and str(href.text).endswith("/"):
                _drop_size(response, told=current().asks_size)
        return super()._xml_response(xml_content, request_info)


def _drop_size(response: Element, *, told: bool) -> None:
    """Take the size out; who asked for it by name is told that there is none."""
    by_status = {
        str(each.findtext(_STATUS)).split()[1]: each.find(_PROP)
        for each in response.findall(_PROPSTAT)
    }
    there, missing = by_status.get("200"), by_status.get("404")
    found = None if there is None else there.find(_SIZE)
    if there is None or found is None:
        return
    there.remove(found)
    if not told:
        return
    if missing is None:
        propstat = SubElement(response, _PROPSTAT)
        missing = SubElement(propstat, _PROP)
        SubElement(propstat, _STATUS).text = xmlutils.make_response(HTTPStatus.NOT_FOUND)
    SubElement(missing, _SIZE)


@cache
def _remember_paths() -> None:
    """Radicale checks a path some ten times for each object in an answer; it is a pure function."""
    pathutils.sanitize_path = lru_cache(maxsize=20_000)(pathutils.sanitize_path)


def make_radicale() -> Protocol:
    """Radicale with every guard that is a setting of its own."""
    register_zones()
    _remember_paths()
    keep_content_out()
    settings: dict[str, dict[str, Any]] = {
        "auth": {"type": Auth, "delay": "0", "cache_logins": "False"},
        "rights": {
            "type": Rights,
            "permit_delete_collection": "False",
            "permit_overwrite_collection": "False",
        },
        "storage": {"type": Storage, "strict_preconditions": "True"},
        "web": {"type": "none"},
        "sharing": {"type": "none"},
        "server": {
            "validate_user_value": "none",
            "validate_path_value": "none",
            "delay_on_error": "0",
        },
        "reporting": {
            "max_expand_occurrence": str(_MAX_OCCURRENCES),
            "max_freebusy_occurrence": str(_MAX_OCCURRENCES),
        },
        "logging": {"level": "error", "bad_put_request_content": "False"},
    }
    configuration = config.load()
    configuration.update(settings, "WeCreate", privileged=True)
    return Protocol(configuration)
