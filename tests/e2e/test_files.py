"""A file's way: from a member's client into the drive, by a link to somebody without an account."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import zipfile
from pathlib import Path

import typst
from playwright.async_api import async_playwright, expect

from tests.browser import visit
from tests.disk import holding
from tests.e2e.groups import Group

CANARY = b"Kanarienvogel-im-Kleingarten "


async def test_a_file_is_entered_found_and_posted_again_for_others(group: Group) -> None:
    data = os.urandom(200_000)
    event_id = await group.anna.send_file(group.box, "Protokoll Mai.pdf", data, "application/pdf")
    card = await group.ben.ask(group.box, "!datei 1")
    file = card.data["file"]
    assert (file["name"], file["size"], file["mimetype"], file["version"]) == (
        "Protokoll Mai.pdf",
        len(data),
        "application/pdf",
        1,
    )
    assert file["sender"] == group.anna.user_id
    found = await group.ben.ask(group.box, "!dateien protokoll")
    assert [each["number"] for each in found.data["files"]] == [1]
    asked = await group.ben.say(group.box, "!datei 1 holen")
    assert (await group.ben.answer_to(asked)).data["file"]["number"] == 1
    again = await group.ben.wait_for(
        lambda seen: seen.msgtype == "m.file" and seen.reply_to == asked, what="the file again"
    )
    assert await group.ben.fetch_file(again) == data
    moved = await group.anna.reply(group.box, event_id, "!datei ordner Protokolle")
    answer = await group.anna.answer_to(moved)
    assert answer.data["file"]["folder"] == "Protokolle"


async def test_a_file_taken_back_in_any_client_leaves_the_drive(group: Group) -> None:
    event_id = await group.anna.send_file(group.box, "Entwurf.pdf", b"x" * 99, "application/pdf")
    assert (await group.ben.ask(group.box, "!dateien")).data["total"] == 1
    await group.anna.redact(group.box, event_id)
    while (await group.ben.ask(group.box, "!dateien entwurf")).data["total"]:
        pass  # each question waits for its answer
    back = await group.anna.ask(group.box, "!datei 1 zurück")
    assert back.data["file"]["name"] == "Entwurf.pdf"


async def test_a_zip_of_the_group_is_brought_in_with_its_folders(group: Group) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(25):
            archive.writestr(f"Protokolle/20{number:02}/Sitzung.txt", f"Nr. {number}".encode())
        archive.writestr("../Satzung.txt", b"Paragraf 1")
    event_id = await group.anna.send_file(
        group.box, "Archiv.zip", raw.getvalue(), "application/zip"
    )
    await group.anna.ask(group.box, "!dateien")
    await group.anna.reply(group.box, event_id, "!dateien einlesen")
    done = await group.anna.wait_for(
        lambda seen: seen.sender == group.bot and "hereingeholt" in seen.body, what="the end"
    )
    assert done.data["import"]["here"] == 26
    found = await group.ben.ask(group.box, "!dateien satzung")
    (satzung,) = found.data["files"]
    assert (satzung["name"], satzung["folder"]) == ("Satzung.txt", "")
    asked = await group.ben.say(group.box, f"!datei {satzung['number']} holen")
    posted = await group.ben.wait_for(
        lambda seen: seen.msgtype == "m.file" and seen.reply_to == asked, what="the file"
    )
    assert await group.ben.fetch_file(posted) == b"Paragraf 1"
    refused = await group.anna.ask(group.box, "!dateien einlesen https://127.0.0.1/dav/")
    assert refused.result["error"]["code"] == "import-forbidden"


async def test_a_pdf_is_found_by_what_is_in_it_where_the_admins_want_it(group: Group) -> None:
    said = await group.anna.ask(group.box, "!dateien texte an")
    assert said.data["texts"] is True
    pdf = typst.compile(b"Die Kanarienvoegel wohnen im Vereinsheim.")
    await group.ben.send_file(group.box, "Protokoll.pdf", pdf, "application/pdf")
    while not (await group.ben.ask(group.box, "!dateien vereinsheim")).data["total"]:
        pass  # each question waits for its answer
    await asyncio.to_thread(search_for, group.stack.folder, [b"kanarienvoegel", b"Kanarienvoegel"])


async def test_somebody_without_an_account_opens_a_link_in_a_browser(
    group: Group, tmp_path: Path
) -> None:
    data = CANARY * 400_000  # 11.6 MB
    await group.anna.send_file(group.box, "Gartenplan.pdf", data, "application/pdf")
    made = await group.anna.ask(group.box, "!datei 1 teilen 2 tage max 1 passwort")
    link = made.data["link"]
    path = shutil.which("chromium")
    assert path, "this test needs Chromium: apt-get install chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await browser.new_page(locale="de-DE")
        await visit(page, link["url"])
        await page.get_by_label("Passwort").fill(link["password"])
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Gartenplan.pdf")).to_be_visible()
        async with page.expect_download(timeout=60_000) as waiting:
            await page.get_by_role("button", name="Herunterladen").click()
        await (await waiting.value).save_as(tmp_path / "found")
        await page.reload()
        await expect(page.get_by_text("so oft benutzt")).to_be_visible()
        await browser.close()
    assert await asyncio.to_thread((tmp_path / "found").read_bytes) == data
    told = await group.ben.wait_for(
        lambda seen: seen.sender == group.bot and "zum ersten Mal" in seen.body,
        what="the line about the first use",
    )
    assert group.anna.user_id.split(":")[0].removeprefix("@") in told.body
    await asyncio.to_thread(search, group.stack.folder, link)


def search(folder: Path, link: dict[str, str]) -> None:
    """Neither plaintext nor secret lies anywhere on the server's disk, logs and databases too."""
    search_for(folder, [CANARY, link["url"].partition("#")[2].encode(), link["password"].encode()])


def search_for(folder: Path, secrets: list[bytes]) -> None:
    assert holding(folder, secrets) == []
