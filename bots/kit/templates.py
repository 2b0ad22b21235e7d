"""HTML of replies: Jinja2, everything escaped; each slice has its own folder of templates."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup, escape

from bots.kit import markup
from bots.kit.context import Context

_BOTS = Path(__file__).parent.parent


def render_template(name: str, ctx: Context, /, **values: Any) -> str:  # noqa: ANN401 - whatever it shows
    """Render `tasks/list.html.j2`: the file list.html.j2 in bots/tasks/templates.

    Templates have `t`, `ngettext`, `when`, `name` (of a user id), `pill` (a mention) and `ctx`.
    Markup may be put into a translated sentence: `t("{title} is done.", title=title|bold)`.
    `*.txt.j2` are not escaped.
    """
    template = environment().get_template(name)
    return template.render(
        ctx=ctx,
        t=partial(_say, ctx.t),
        ngettext=ctx.ngettext,
        when=ctx.when,
        name=ctx.display_name,
        pill=partial(_pill, ctx),
        **values,
    )


def html_to_text(html: str) -> str:
    """The same for clients that show plain text."""
    return markup.html_to_text(html)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """One environment for all slices; a name that a template doesn't get is an error."""
    folders: dict[str, BaseLoader] = {
        folder.parent.name: FileSystemLoader(folder) for folder in sorted(_BOTS.glob("*/templates"))
    }
    made = Environment(
        loader=PrefixLoader(folders),
        autoescape=select_autoescape(("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["bold"] = lambda text: Markup("<b>{}</b>").format(text)
    made.filters["code"] = lambda text: Markup("<code>{}</code>").format(text)
    return made


def _say(translate: Callable[..., str], message: str, **params: Any) -> str:  # noqa: ANN401
    """`t` for templates: markup among the params stays markup, all else is escaped."""
    if not any(isinstance(value, Markup) for value in params.values()):
        return translate(message, **params)
    kept = {name: f"{{{name}}}" for name in params}
    return Markup(escape(translate(message, **kept))).format(**params)  # noqa: S704 - escaped


def _pill(ctx: Context, user_id: str) -> Markup:
    return Markup(markup.pill(user_id, ctx.display_name(user_id)))  # noqa: S704 - escaped in pill
