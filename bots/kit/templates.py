"""HTML of replies: Jinja2, everything escaped; each slice has its own folder of templates."""

from __future__ import annotations

from typing import Any

from bots.kit.context import Context


def render_template(name: str, ctx: Context, **values: Any) -> str:  # noqa: ANN401 - whatever it shows
    """Render `tasks/list.html.j2`: the file list.html.j2 in bots/tasks/templates.

    Templates have `t`, `ngettext`, `when`, `name` (of a user id), `pill` (a mention) and `ctx`.
    `*.txt.j2` are not escaped.
    """
    raise NotImplementedError(name, ctx, values)


def html_to_text(html: str) -> str:
    """The same for clients that show plain text."""
    raise NotImplementedError(html)
