"""What stands in a VEVENT for what we call it."""

from __future__ import annotations

from wecreate_module.domain.events import Answer, EventStatus

REMINDERS = "X-WECREATE-REMINDERS"
PROPOSAL = "X-WECREATE-PROPOSAL"
STATUS = {
    EventStatus.CONFIRMED: "CONFIRMED",
    EventStatus.TENTATIVE: "TENTATIVE",
    EventStatus.CANCELLED: "CANCELLED",
}
PARTSTAT = {Answer.YES: "ACCEPTED", Answer.MAYBE: "TENTATIVE", Answer.NO: "DECLINED"}
ANSWERS = {word: answer for answer, word in PARTSTAT.items()}
