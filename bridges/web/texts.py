"""What the pages for visitors say, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

_OFFICE = "application/vnd.openxmlformats-officedocument."

GERMAN: Mapping[str, str] = {
    "lang": "de",
    "title": "Eine Datei für dich",
    "intro": "Jemand hat eine Datei mit dir geteilt. Sie ist verschlüsselt und wird erst hier in "
    "deinem Browser geöffnet; der Server kann sie nicht lesen.",
    "password": "Passwort",
    "open": "Öffnen",
    "download": "Herunterladen",
    "again": "Noch einmal versuchen",
    "size": "Größe",
    "type": "Art",
    "until": "Bis",
    "forever": "unbegrenzt",
    "working": "Einen Moment …",
    "loading": "{percent} % geladen",
    "done": "Fertig. Die Datei liegt bei deinen Downloads.",
    "waiting": "Die Verbindung ist weg. Ich versuche es gleich weiter …",
    "wrong_password": "Das Passwort stimmt nicht.",
    "wrong_link": "Der Link ist nicht vollständig. Kopiere ihn noch einmal ganz.",
    "wait": "Zu viele Versuche. Versuch es in {seconds} Sekunden noch einmal.",
    "altered": "Die Datei ist unterwegs verändert worden. Ich habe sie nicht gespeichert.",
    "gone_title": "Diesen Link gibt es nicht mehr",
    "gone": "Er ist abgelaufen oder wurde gesperrt. Bitte die Person, von der du ihn hast, um "
    "einen neuen.",
    "used-up": "Er wurde so oft benutzt, wie er durfte. Bitte die Person, von der du ihn hast, um "
    "einen neuen.",
    "later_title": "Gerade geht es nicht",
    "later": "Die Datei ist im Moment nicht zu erreichen. Versuch es später noch einmal.",
    "no_script": "Zum Entschlüsseln braucht diese Seite JavaScript.",
    "title_several": "Dateien für dich",
    "intro_several": "Jemand hat Dateien mit dir geteilt. Sie sind verschlüsselt und werden erst "
    "hier in deinem Browser geöffnet; der Server kann sie nicht lesen.",
    "type:": "Datei",
    "type:image/": "Bild",
    "type:video/": "Video",
    "type:audio/": "Ton",
    "type:text/": "Text",
    "type:application/pdf": "PDF-Dokument",
    "type:application/zip": "ZIP-Archiv",
    "type:application/msword": "Word-Dokument",
    "type:application/vnd.oasis.opendocument.text": "Textdokument",
    "type:application/vnd.oasis.opendocument.spreadsheet": "Tabelle",
    "type:application/vnd.oasis.opendocument.presentation": "Folien",
    f"type:{_OFFICE}wordprocessingml.document": "Word-Dokument",
    f"type:{_OFFICE}spreadsheetml.sheet": "Excel-Tabelle",
    f"type:{_OFFICE}presentationml.presentation": "PowerPoint-Folien",
    "the_files": "Die Dateien",
    "download_all": "Alle als ZIP herunterladen",
    "save_one": "{name} herunterladen",
    "more_files": "… und {n} weitere",
    "several": "{n} Dateien",
    "saving": "{percent} % gespeichert",
    "saving_unknown": "{size} gespeichert",
    "slow": "Das Passwort wird geprüft. Das dauert ein paar Sekunden …",
    "stopped": "Abgebrochen.",
    "request_title": "Dateien schicken",
    "request_intro": "Hier kannst du Dateien schicken, ganz ohne Konto. Sie werden in deinem "
    "Browser verschlüsselt; lesen kann sie nur die Gruppe, von der du den Link hast.",
    "request_gone": "Über diesen Link kann nichts mehr geschickt werden. Bitte die Person, von der "
    "du ihn hast, um einen neuen.",
    "open_until": "Offen bis {until}.",
    "your_name": "Dein Name (wenn du magst)",
    "choose": "Dateien",
    "choose_first": "Such zuerst eine Datei aus.",
    "limits": "Noch {files} Dateien, jede bis {size}.",
    "limits_one": "Noch eine Datei, bis {size}.",
    "send": "Schicken",
    "sending": "{name} wird verschlüsselt und geschickt …",
    "going_on": "Ich schaue nach, wie weit {name} schon ist …",
    "begun": "Noch nicht ganz da: {names}. Wähl die Datei noch einmal aus, dann geht es weiter, wo "
    "es aufgehört hat.",
    "sent": "angekommen",
    "all_sent": "Fertig. Alles ist angekommen, danke!",
    "not_all_sent": "{sent} von {files} sind angekommen. Was fehlt, steht unten.",
    "your_files": "Was du geschickt hast",
    "too_large": "Diese Datei ist zu groß.",
    "enough": "Mehr Dateien passen nicht auf diesen Link.",
    "full": "Auf dem Server ist gerade kein Platz. Versuch es später noch einmal.",
    "file_changed": "Die Datei hat sich beim Schicken geändert. Wähl sie noch einmal aus.",
    "old_browser": "Dieser Browser kann die Datei nicht entschlüsseln. Nimm einen neueren und "
    "öffne den Link über https.",
}
ENGLISH: Mapping[str, str] = {
    "lang": "en",
    "title": "A file for you",
    "intro": "Somebody shared a file with you. It is encrypted and opened only here, in your "
    "browser; the server can't read it.",
    "password": "Password",
    "open": "Open",
    "download": "Download",
    "again": "Try again",
    "size": "Size",
    "type": "Type",
    "until": "Until",
    "forever": "no end",
    "working": "One moment …",
    "loading": "{percent} % loaded",
    "done": "Done. The file is in your downloads.",
    "waiting": "The connection is gone. I'll go on in a moment …",
    "wrong_password": "That is not the password.",
    "wrong_link": "The link is not complete. Copy all of it once more.",
    "wait": "Too many tries. Try again in {seconds} seconds.",
    "altered": "The file was changed on its way. I did not save it.",
    "gone_title": "This link is no more",
    "gone": "It has expired or was closed. Ask the person you have it from for a new one.",
    "used-up": "It was used as often as it may be. Ask the person you have it from for a new one.",
    "later_title": "Not right now",
    "later": "The file can't be reached at the moment. Try again later.",
    "no_script": "This page needs JavaScript to decrypt.",
    "title_several": "Files for you",
    "intro_several": "Somebody shared files with you. They are encrypted and opened only here, in "
    "your browser; the server can't read them.",
    "type:": "File",
    "type:image/": "Picture",
    "type:video/": "Video",
    "type:audio/": "Sound",
    "type:text/": "Text",
    "type:application/pdf": "PDF document",
    "type:application/zip": "ZIP archive",
    "type:application/msword": "Word document",
    "type:application/vnd.oasis.opendocument.text": "Text document",
    "type:application/vnd.oasis.opendocument.spreadsheet": "Spreadsheet",
    "type:application/vnd.oasis.opendocument.presentation": "Slides",
    f"type:{_OFFICE}wordprocessingml.document": "Word document",
    f"type:{_OFFICE}spreadsheetml.sheet": "Excel spreadsheet",
    f"type:{_OFFICE}presentationml.presentation": "PowerPoint slides",
    "the_files": "The files",
    "download_all": "Download all as a ZIP",
    "save_one": "Download {name}",
    "more_files": "… and {n} more",
    "several": "{n} files",
    "saving": "{percent} % saved",
    "saving_unknown": "{size} saved",
    "slow": "Checking the password. This takes a few seconds …",
    "stopped": "Stopped.",
    "request_title": "Send files",
    "request_intro": "Here you can send files, without an account. They are encrypted in your "
    "browser; only the group you have the link from can read them.",
    "request_gone": "Nothing more can be sent by this link. Ask the person you have it from for a "
    "new one.",
    "open_until": "Open until {until}.",
    "your_name": "Your name (if you like)",
    "choose": "Files",
    "choose_first": "Choose a file first.",
    "limits": "{files} more files, each up to {size}.",
    "limits_one": "One more file, up to {size}.",
    "send": "Send",
    "sending": "Encrypting and sending {name} …",
    "going_on": "Looking how far {name} has got …",
    "begun": "Not all here yet: {names}. Choose the file once more, and it goes on where it "
    "stopped.",
    "sent": "arrived",
    "all_sent": "Done. Everything has arrived, thank you!",
    "not_all_sent": "{sent} of {files} have arrived. What is missing stands below.",
    "your_files": "What you sent",
    "too_large": "This file is too large.",
    "enough": "No more files fit on this link.",
    "full": "There is no room on the server right now. Try again later.",
    "file_changed": "The file changed while it was sent. Choose it once more.",
    "old_browser": "This browser can't decrypt the file. Use a newer one, and open the link "
    "with https.",
}


def texts_for(accept_language: str) -> Mapping[str, str]:
    """By the browser's Accept-Language (RFC 9110): the first of the two it names; German else."""
    for part in accept_language[:200].lower().split(","):
        language = part.partition(";")[0].strip()[:2]
        if language in {"de", "en"}:
            return GERMAN if language == "de" else ENGLISH
    return GERMAN
