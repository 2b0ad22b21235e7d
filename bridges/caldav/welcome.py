"""What people see who open the calendars' address in a browser: what it is for."""

from __future__ import annotations

from http import HTTPStatus

from bridges.caldav.refusals import Environ

_GERMAN = (
    "Diese Adresse ist für dein Kalender-Programm. Trag sie dort als CalDAV-Konto ein, mit dem "
    "Namen und dem Passwort, die du im Direktchat mit WeCreate bekommst. Schreib dort:"
)
_ENGLISH = (
    "This address is for your calendar program. Enter it there as a CalDAV account, with the name "
    "and the password that WeCreate gives you in your direct chat. Write there:"
)
_TEXTS = {
    "de": ("Kalender-Adresse", _GERMAN, "!kalender neu Handy"),
    "en": ("Calendar address", _ENGLISH, "!calendar new phone"),
}
_STYLE = "body{font:1.1rem/1.5 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Language",
}


def welcome_page(environ: Environ) -> tuple[HTTPStatus, dict[str, str], bytes] | None:
    """At `/`, for browsers alone: calendar programs don't ask for HTML."""
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or environ.get("PATH_INFO") not in {
        "",
        "/",
    }:
        return None
    if "text/html" not in str(environ.get("HTTP_ACCEPT", "")):
        return None
    wanted = str(environ.get("HTTP_ACCEPT_LANGUAGE", "de")).strip().lower()
    language = "en" if wanted.startswith("en") else "de"
    title, text, command = _TEXTS[language]
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style>"
        f"<h1>📅 {title}</h1><p>{text}</p><p><code>{command}</code></p></html>"
    )
    return HTTPStatus.OK, _HEADERS, page.encode()
