"""Run by the system's Python, which LibreOffice speaks to: what it makes of files.

`office_script.py PIPE` reads a job a line as JSON from stdin: `{"file", "do", "to"}`; `do` is
"accept" or "reject" (all tracked changes, then one paragraph a line), "text" (as it stands),
"changes" (how many tracked changes it sees) "save" (as .odt)
or "pdf". It answers each with a line of JSON; a
file that LibreOffice wants to repair is not opened.
"""

import json
import sys
import time
from typing import Any

import uno  # type: ignore[import-not-found]  # comes with LibreOffice
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]  # likewise
from com.sun.star.connection import (  # type: ignore[import-not-found]  # likewise
    NoConnectException,
)
from com.sun.star.document.UpdateDocMode import NO_UPDATE  # type: ignore[import-not-found]  # likewise

COMMANDS = {"accept": "AcceptAllTrackedChanges", "reject": "RejectAllTrackedChanges"}


def connect(pipe: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    deadline = time.monotonic() + 180
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)  # until it listens


def told(**values: Any) -> tuple[Any, ...]:
    found = []
    for name, value in values.items():
        one = PropertyValue()
        one.Name, one.Value = name, value
        found.append(one)
    return tuple(found)


def paragraphs(document: Any) -> list[str]:
    found = []
    each = document.Text.createEnumeration()
    while each.hasMoreElements():
        paragraph = each.nextElement()
        if paragraph.supportsService("com.sun.star.text.Paragraph"):
            found.append(paragraph.getString())
    return found


def done(context: Any, desktop: Any, job: dict[str, str]) -> Any:
    url = uno.systemPathToFileUrl(job["file"])
    options = told(Hidden=True, RepairPackage=False, UpdateDocMode=NO_UPDATE)
    document = desktop.loadComponentFromURL(url, "_blank", 0, options)
    if document is None:
        return None
    try:
        if job["do"] == "pdf":
            target = uno.systemPathToFileUrl(job["to"])
            document.storeToURL(target, told(FilterName="writer_pdf_Export"))
            return job["to"]
        if job["do"] == "save":
            document.storeToURL(uno.systemPathToFileUrl(job["to"]), told(FilterName="writer8"))
            return job["to"]
        if job["do"] == "changes":
            changes = document.Redlines.createEnumeration()
            count = 0
            while changes.hasMoreElements():
                changes.nextElement()
                count += 1
            return count
        if job["do"] in COMMANDS:
            services = context.ServiceManager
            dispatcher = services.createInstanceWithContext(
                "com.sun.star.frame.DispatchHelper", context
            )
            frame = document.CurrentController.Frame
            dispatcher.executeDispatch(frame, f".uno:{COMMANDS[job['do']]}", "", 0, ())
        return paragraphs(document)
    finally:
        document.close(True)  # noqa: FBT003 - UNO knows no names of arguments


def main(pipe: str) -> None:
    context = connect(pipe)
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    for line in sys.stdin:
        sys.stdout.write(json.dumps(done(context, desktop, json.loads(line))) + "\n")
        sys.stdout.flush()
    desktop.terminate()


main(*sys.argv[1:])
