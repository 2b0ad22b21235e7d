"""What is said about calendars on other servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Button, Question, Reply
from wecreate_module.domain.boxes import Box
from wecreate_module.services.external_sync import Kept
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.external_calendars import ExternalCalendar

Json = dict[str, Any]
CHOOSE = "caldav.external.choose"
_MOST = 12
_DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣")

_NOT_SHARED = msgid("🔒 Members' calendar programs see nothing of this Box's events and tasks.")
_TROUBLE = {
    "forbidden-address": msgid(
        "I may not use this address. It must begin with https:// and lead to a server on the "
        "internet."
    ),
    "login": msgid("The name or the password is not accepted there, or may not read the calendar."),
    "gone": msgid("There is no calendar at this address any more."),
    "no-calendar": msgid("I find no calendar at this address. Copy it once more from there."),
    "unreachable": msgid("The server does not answer. Is the address right?"),
    "certificate": msgid(
        "The connection to this server is not safe (its certificate is not in order), so I send no "
        "password there. Is the address right? If so, please ask those who run the server."
    ),
    "too-large": msgid("That calendar is too large for me."),
    "broken": msgid("The server answers in a way that I don't understand."),
}


def connecting(ctx: Context, box: Box, kind: Kind) -> Reply:
    text = ctx.t(
        "🔎 I am having a look. In a moment I tell you here whether it worked. Delete your message "
        "with the password now."
    )
    return Reply(text, data={"connecting": {"box": box.name, "kind": kind.value}})


def chosen(ctx: Context, box: Box, calendar: ExternalCalendar) -> Reply:
    data = {"connecting": {"box": box.name, "kind": calendar.kind.value, "name": calendar.name}}
    return Reply(ctx.t("👍 I take “{name}”.", name=calendar.name), data=data)


def disconnected(ctx: Context, box: Box, gone: Sequence[ExternalCalendar]) -> Reply:
    names = ", ".join(dict.fromkeys(one.name for one in gone)) or "…"
    text = ctx.t(
        "✂️ “{box}” and “{name}” go separate ways now. All events stay on both sides, and I have "
        "forgotten the password.",
        box=box.name,
        name=names,
    )
    calendars = [{"kind": one.kind.value, "name": one.name} for one in gone]
    return Reply(text, data={"disconnected": {"box": box.name, "calendars": calendars}})


def syncing(ctx: Context, found: Sequence[ExternalCalendar]) -> Reply:
    names = ", ".join(dict.fromkeys(one.name for one in found))
    text = ctx.t("🔄 I am looking for changes in “{name}”.", name=names)
    calendars = [{"kind": one.kind.value, "name": one.name} for one in found]
    return Reply(text, data={"syncing": calendars})


def stop_answered(ctx: Context, what: str, count: int) -> Reply:
    said = (
        ctx.ngettext("All right, {n} is deleted.", "All right, {n} are deleted.", count)
        if what == "delete"
        else ctx.ngettext("All right, {n} comes back.", "All right, {n} come back.", count)
    )
    return Reply(said, data={"stopped": {"answer": what, "count": count}})


def kept(ctx: Context, kept: Kept) -> Reply:
    stays = ctx.t("👍 “{title}” stays, as #{number}.", title=kept.title, number=kept.number)
    other = (
        ctx.t("The other one lies in the bin: !events trash")
        if kept.kind is Kind.EVENT
        else ctx.t("The other one lies in the bin: !tasks trash")
    )
    return Reply(f"{stays} {other}", data={"kept": {**vars(kept), "kind": kept.kind.value}})


# What a sync has to say


def said(ctx: Context, payload: Json) -> Reply | None:
    view = _SAID.get(str(payload.get("what")))
    if view is None:
        return None
    known = {name: payload[name] for name in ("what", "kind", "name", "host")}
    reply = view(ctx, payload)
    return Reply(
        reply.text,
        data={"external": {**known, **(reply.data or {})}},
        buttons=reply.buttons,
        question=reply.question,
    )


def _tied(ctx: Context, payload: Json) -> Reply:
    parts = {
        "who": ctx.display_name(str(payload["owner"])),
        "name": payload["name"],
        "host": payload["host"],
    }
    text = (
        ctx.t(
            "🔗 {who} has connected this Box's events with the calendar “{name}” at {host}. From "
            "now on both show the same, in both directions. Whoever can see that calendar, and "
            "that server, can read your events: titles, times, places, notes and who comes. Your "
            "messages stay encrypted. An admin ends it with !calendar disconnect",
            **parts,
        )
        if payload["kind"] == Kind.EVENT.value
        else ctx.t(
            "🔗 {who} has connected this Box's tasks with the list “{name}” at {host}. From now on "
            "both show the same, in both directions. Whoever can see that list, and that server, "
            "can read your tasks. Your messages stay encrypted. An admin ends it with !calendar "
            "disconnect",
            **parts,
        )
    )
    return Reply(text)


def _tied_owner(ctx: Context, payload: Json) -> Reply:
    text = ctx.t(
        "✅ “{box}” and “{name}” are connected. The first time can take a few minutes.",
        box=payload["box"],
        name=payload["name"],
    )
    return Reply(text, data={"box": payload["box"]})


def _not_tied(ctx: Context, payload: Json) -> Reply:
    why = ctx.t(_TROUBLE[str(payload["trouble"])])
    text = ctx.t("That didn't work. {why} Try again: !calendar connect", why=why)
    return Reply(text, data={"trouble": payload["trouble"], "box": payload["box"]})


def _late(ctx: Context, payload: Json) -> Reply:
    text = ctx.t(
        "Nobody here looks for other calendars at the moment, so “{box}” is not connected. Please "
        "ask whoever runs this server.",
        box=payload["box"],
    )
    return Reply(text, data={"box": payload["box"]})


def _choose(ctx: Context, payload: Json) -> Reply:
    names = [str(name) for name in payload["names"]]
    lines = [f"{at}. {name}" for at, name in enumerate(names, start=1)]
    text = "\n".join(
        [
            ctx.t("There are several calendars. Which one belongs to “{box}”?", box=payload["box"]),
            *lines,
            ctx.t("Type its number."),
        ]
    )
    buttons = tuple(
        Button(emoji, str(at)) for at, emoji in enumerate(_DIGITS[: len(names)], start=1)
    )
    data = {"box": payload["box"], "names": names}
    return Reply(text, data=data, buttons=buttons, question=Question(CHOOSE))


def _stopped(ctx: Context, payload: Json) -> Reply:
    count = int(payload["count"])
    gone = (
        ctx.ngettext(
            "🛑 In “{name}” {n} entry has gone at once.",
            "🛑 In “{name}” {n} entries have gone at once.",
            count,
            name=payload["name"],
        )
        if payload["gone"] == "there"
        else ctx.ngettext(
            "🛑 Here in the Box {n} entry has gone at once.",
            "🛑 Here in the Box {n} entries have gone at once.",
            count,
        )
    )
    ask = ctx.t(
        "To be safe I have deleted nothing on the other side. An admin decides: 🗑️ delete there "
        "too · ↩️ bring back"
    )
    text = f"{gone} {ask}"
    buttons = (
        Button("🗑️", "!kalender abgleich löschen"),
        Button("↩️", "!kalender abgleich behalten"),
    )
    data = {"count": count, "gone": payload["gone"]}
    return Reply(text, data=data, buttons=buttons)


def _conflicts(ctx: Context, payload: Json) -> Reply:
    pairs = [(int(first), int(copy)) for first, copy in payload["pairs"]]
    data = {"pairs": [list(pair) for pair in pairs]}
    if len(pairs) == 1:
        ((first, copy),) = pairs
        text = ctx.t(
            "⚖️ #{first} was changed here and in “{name}” at the same time. So that nothing is "
            "lost, both are there: #{first} as it is here, #{copy} as it is there. Which one "
            "stays? 1️⃣ #{first} · 2️⃣ #{copy} · or keep both",
            first=first,
            copy=copy,
            name=payload["name"],
        )
        buttons = (
            Button("1️⃣", f"!kalender behalten {first} {copy}"),
            Button("2️⃣", f"!kalender behalten {copy} {first}"),
        )
        return Reply(text, data=data, buttons=buttons)
    lines = [
        ctx.t("#{first} as it is here, #{copy} as it is there", first=first, copy=copy)
        for first, copy in pairs[:_MOST]
    ]
    if len(pairs) > _MOST:
        lines.append(ctx.ngettext("… and {n} more", "… and {n} more", len(pairs) - _MOST))
    first, copy = pairs[0]
    text = "\n".join(
        [
            ctx.t(
                "⚖️ These were changed here and in “{name}” at the same time. So that nothing is "
                "lost, both versions are there:",
                name=payload["name"],
            ),
            *lines,
            ctx.t(
                "Keep one of two like this: !calendar keep {first} {copy} keeps #{first}",
                first=first,
                copy=copy,
            ),
        ]
    )
    return Reply(text, data=data)


def _not_taken(ctx: Context, payload: Json) -> Reply:
    numbers = [int(number) for number in payload["numbers"]]
    named = ", ".join(f"#{number}" for number in numbers[:_MOST])
    if len(numbers) > _MOST:
        named += " …"
    text = ctx.t(
        "⚠️ “{name}” doesn't take this: {numbers}. Perhaps it may only be read there. Here "
        "everything stays as it is.",
        name=payload["name"],
        numbers=named,
    )
    return Reply(text, data={"numbers": numbers})


def _trouble(ctx: Context, payload: Json) -> Reply:
    why = ctx.t(_TROUBLE[str(payload["trouble"])])
    text = ctx.t(
        "⚠️ I can't keep the calendar “{name}” in step. {why} Nothing is lost; I go on trying.",
        name=payload["name"],
        why=why,
    )
    return Reply(text, data={"trouble": payload["trouble"]})


def _fine_again(ctx: Context, payload: Json) -> Reply:
    return Reply(ctx.t("✅ The calendar “{name}” is in step again.", name=payload["name"]))


def _owner_left(ctx: Context, payload: Json) -> Reply:
    text = ctx.t(
        "✂️ {who} has left. So this Box is no longer connected with the calendar “{name}”. All "
        "events stay.",
        who=ctx.display_name(str(payload["owner"])),
        name=payload["name"],
    )
    return Reply(text)


_SAID: dict[str, Callable[[Context, Json], Reply]] = {
    "tied": _tied,
    "tied-owner": _tied_owner,
    "not-tied": _not_tied,
    "late": _late,
    "choose": _choose,
    "stopped": _stopped,
    "conflicts": _conflicts,
    "not-taken": _not_taken,
    "trouble": _trouble,
    "fine-again": _fine_again,
    "owner-left": _owner_left,
}


# In `!kalender`


def with_state(ctx: Context, shown: Reply, calendars: Sequence[ExternalCalendar]) -> Reply:
    if not calendars:
        return shown
    lines = [_state_line(ctx, one) for one in calendars]
    if (shown.data or {}).get("sharing") == Sharing.OFF.value:  # not quite in the chat alone
        shown = replace(shown, text=ctx.t(_NOT_SHARED))
    html = shown.html if shown.html is not None else f"<p>{escape(shown.text)}</p>"
    html += "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
    data = {**(shown.data or {}), "external": [_state_data(one) for one in calendars]}
    return replace(shown, text="\n".join([shown.text, *lines]), html=html, data=data)


def _state_data(one: ExternalCalendar) -> Json:
    return {
        "kind": one.kind.value,
        "name": one.name,
        "synced_at": one.synced_at or None,
        "trouble": one.trouble or None,
        "stopped": one.stopped,
    }


def _state_line(ctx: Context, one: ExternalCalendar) -> str:
    if one.stopped:
        return ctx.ngettext(
            "🛑 “{name}”: {n} deletion waits for an admin: !calendar sync answer",
            "🛑 “{name}”: {n} deletions wait for an admin: !calendar sync answer",
            one.stopped,
            name=one.name,
        )
    if one.trouble:
        why = ctx.t(_TROUBLE[one.trouble])
        return ctx.t("⚠️ “{name}”: {why}", name=one.name, why=why)
    if one.synced_at:
        when = ctx.when(datetime.fromisoformat(one.synced_at))
        return ctx.t("🔗 In step with “{name}”, last {when}", name=one.name, when=when)
    return ctx.t("🔗 Connected with “{name}”", name=one.name)
