"""What the demo shows of motions: from an idea to the Stadtbezirksbeirat's letter box."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bots.operation.mailbox import Mailbox
from bots.operation.person import Message
from bots.operation.terminal import say, step
from bots.operation.voice import Voice, heard, said

POLL = "org.matrix.msc3381.poll.start"
ANSWER = "org.matrix.msc3381.poll.response"
OFFICE = "sbb-suedwest@leipzig.example"
TITLE = "Zwölf Linden für die Karl-Heine-Straße"
TEXT = """1. Die Stadt pflanzt zwölf Linden in der Karl-Heine-Straße.
2. Sie berichtet halbjährlich.
3. Die Kosten trägt das Stadtbezirksbudget."""
_FORMATS = ("pdf", "docx", "odt")


class MotionStory:
    """Told over a running stack whose mail goes to `mailbox`; files are put into `folder`."""

    def __init__(
        self, anna: Voice, ben: Voice, *, bot: str, mailbox: Mailbox, folder: Path
    ) -> None:
        self.anna = anna
        self.ben = ben
        self.bot = bot
        self.mailbox = mailbox
        self.folder = folder
        self.deadline = anna.deadline
        self.box = ""

    async def tell(self, chat: str) -> None:
        """`chat` is anna's direct chat with the bot. Raise PersonError where it breaks off."""
        await self._they_meet(chat)
        await self._anna_drafts()
        await self._they_amend_and_sign()
        await self._they_vote()
        await self._it_becomes_files()
        await self._it_goes_out()

    async def _they_meet(self, chat: str) -> None:
        step("anna makes a Box for an idea")
        made = await self.anna.ask(chat, "!box neu Grüne Karl-Heine")
        self.box = str(made.data["box"]["room_id"])
        await self.anna.person.until_joined(self.box, self.bot, deadline=self.deadline)
        await self.anna.ask(self.box, f"!box einladen {self.ben.at}")
        await self.ben.person.until_joined(self.box, self.bot, deadline=self.deadline)
        await self.anna.person.until_joined(
            self.box, self.ben.person.user_id, deadline=self.deadline
        )
        idea = "Idee: Auf der Karl-Heine-Straße fehlt Schatten. Stellen wir einen Antrag?"
        said("anna", idea)
        await self.anna.person.say(self.box, idea)

    async def _anna_drafts(self) -> None:
        step("the motion is drafted in a thread, question by question")
        root = await self._say(self.anna, f"!antrag neu SBB Südwest {TITLE}")
        await self._heard(self.anna, root, lambda seen: seen.data.get("asked") == "text")
        for answer in (TEXT, "Im Sommer sind es dort 40 Grad, und der Schulweg führt hindurch."):
            heard(await self._in_thread(root, answer))
        heard(await self._in_thread(root, "überspringen"))

    async def _they_amend_and_sign(self) -> None:
        step("two amendments are proposed and adopted")
        await self.ben.ask(self.box, "!motion 1 amend line 2: 2. Sie berichtet jährlich.")
        await self.anna.ask(
            self.box,
            "!antrag 1 änderung einfügen nach Zeile 3: 4. Die Schule wird beteiligt.",
        )
        await self.anna.ask(self.box, "!antrag 1 annehmen Ä1 Ä2")
        await self.ben.ask(self.box, "!motion 1 cosign")
        await self.anna.ask(self.box, "!antrag 1 mitzeichnen")

    async def _they_vote(self) -> None:
        step("both vote in a poll, as Element shows it")
        await self.anna.ask(self.box, "!antrag 1 abstimmen")
        for voice in (self.anna, self.ben):
            poll = await voice.person.wait_for(
                lambda seen: seen.type == POLL and seen.room_id == self.box,
                self.deadline,
                "the poll",
            )
            said(voice.name, "chooses “Ja” in the poll")
            relation = {"rel_type": "m.reference", "event_id": poll.event_id}
            content = {"m.relates_to": relation, ANSWER: {"answers": ["yes"]}}
            await voice.person.send(self.box, ANSWER, content)
        await self.anna.person.wait_for(
            lambda seen: "🏁" in seen.buttons, self.deadline, "that all have voted"
        )
        await self.anna.ask(self.box, "!antrag 1 abstimmen ende")
        result = await self.anna.person.wait_for(
            lambda seen: "outcome" in (seen.data.get("vote") or {}), self.deadline, "the result"
        )
        heard(result)
        await self.anna.ask(self.box, "!antrag 1 prüfen")

    async def _it_becomes_files(self) -> None:
        step("the motion as PDF, Word and OpenDocument")
        ready = await self.anna.ask(self.box, f"!antrag 1 export {' '.join(_FORMATS)}")
        names = {str(file["name"]) for file in ready.data["files"]}
        person = self.anna.person
        await person.until(
            lambda: names <= {seen.body for seen in person.messages.values()}, "the files"
        )
        for message in [seen for seen in person.messages.values() if seen.body in names]:
            path = self.folder / message.body
            path.write_bytes(await person.fetch_file(message))
            say(f"           {path}")

    async def _it_goes_out(self) -> None:
        step("it is handed in by mail: shown first, then sent")
        shown = await self.anna.ask(
            self.box, f"!antrag 1 einreichen an {OFFICE} antwort an anna@post.example"
        )
        said("anna", "presses 📨")
        await self.anna.person.react(self.box, shown.event_id, "📨")
        receipt = await self.anna.person.wait_for(
            lambda seen: "message_id" in (seen.data.get("mail") or {}), self.deadline, "the receipt"
        )
        _show_mail(await self.mailbox.next_mail(self.deadline))
        heard(receipt)
        await self.anna.ask(self.box, "!antrag 1 stand Nummer VII-A-00605")

    async def _say(self, who: Voice, text: str, **more: Any) -> str:  # noqa: ANN401 - parts of a message
        said(who.name, text)
        return await who.person.say(self.box, text, **more)

    async def _in_thread(self, root: str, text: str) -> Message:
        relation = {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root},
        }
        event_id = await self._say(self.anna, text, **{"m.relates_to": relation})
        return await self.anna.person.answer_to(event_id, self.deadline, text)

    async def _heard(self, who: Voice, root: str, wanted: Any) -> None:  # noqa: ANN401 - a condition
        heard(
            await who.person.wait_for(
                lambda seen: wanted(seen) and seen.relation.get("event_id") == root,
                self.deadline,
                "the question",
            )
        )


def _show_mail(mail: EmailMessage) -> None:
    """As it lies in the mailbox."""
    say("")
    for name in ("From", "To", "Reply-To", "Subject", "Message-ID"):
        say(f"    ✉ {name}: {mail[name]}")
    body = mail.get_body(("plain",))
    for line in (body.get_content() if body is not None else "").splitlines():
        say(f"    ✉ {line}".rstrip())
    for part in mail.iter_attachments():
        say(f"    ✉ 📎 {part.get_filename()}")
    say("")
