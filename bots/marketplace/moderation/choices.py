"""What moderators can decide: one row each, the commands and what is said come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bots.kit.i18n import msgid
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_cases import Case, CaseKind, Decision


@dataclass(frozen=True)
class Choice:
    """`told` is for who published the listing, `outcome` for those who reported it.

    `german` and `english` are the command without its number. `here`: for listings of this server,
    `elsewhere`: for those of partners.
    """

    emoji: str
    word: str
    german: str
    english: str
    summary: str
    told: str = ""
    outcome: str = ""
    of: CaseKind = CaseKind.REPORT
    here: bool = True
    elsewhere: bool = False

    def fits(self, case: Case, listing: Listing) -> bool:
        """Whether this can be decided in such a case."""
        return case.kind is self.of and (self.elsewhere if listing.origin else self.here)


CHOICES: Mapping[Decision, Choice] = {
    Decision.HIDE: Choice(
        "🙈",
        msgid("hide"),
        "markt ausblenden",
        "market hide",
        msgid("Moderators: take a listing off the marketplace, until somebody appeals"),
        told=msgid("The moderators have hidden your listing “{title}”."),
        outcome=msgid("Thank you for your report: “{title}” is hidden now."),
        elsewhere=True,
    ),
    Decision.WARN: Choice(
        "⚠️",
        msgid("warn"),
        "markt verwarnen",
        "market warn",
        msgid("Moderators: leave a listing as it is and warn who published it"),
        told=msgid("The moderators ask you to change something in your listing “{title}”."),
        outcome=msgid("Thank you for your report: who published “{title}” was warned."),
    ),
    Decision.REMOVE: Choice(
        "🗑️",
        msgid("remove"),
        "markt entfernen",
        "market remove",
        msgid("Moderators: remove a listing and close its room"),
        told=msgid("The moderators have removed your listing “{title}”."),
        outcome=msgid("Thank you for your report: “{title}” is removed."),
    ),
    Decision.DISMISS: Choice(
        "✅",
        msgid("nothing is wrong"),
        "markt freigeben",
        "market dismiss",
        msgid("Moderators: nothing is wrong with a listing"),
        told=msgid(
            "Somebody reported your listing “{title}”. The moderators found nothing wrong with it."
        ),
        outcome=msgid(
            "Thank you for your report. The moderators have looked at “{title}” and leave it as it "
            "is."
        ),
        elsewhere=True,
    ),
    Decision.FORWARD: Choice(
        "📨",
        msgid("pass on"),
        "markt weitergeben",
        "market forward",
        msgid("Moderators: pass a report on to the moderators of the listing's own server"),
        outcome=msgid(
            "Thank you for your report: it went on to the moderators of {server}, where “{title}” "
            "is at home."
        ),
        here=False,
        elsewhere=True,
    ),
    Decision.RESTORE: Choice(
        "↩️",
        msgid("the appeal is right"),
        "markt stattgeben",
        "market restore",
        msgid("Moderators: an appeal is right, the listing comes back"),
        told=msgid("You were right: your listing “{title}” stands as before."),
        of=CaseKind.APPEAL,
        elsewhere=True,
    ),
    Decision.UPHOLD: Choice(
        "⛔",
        msgid("it stays as decided"),
        "markt dabei bleiben",
        "market uphold",
        msgid("Moderators: an appeal changes nothing"),
        told=msgid(
            "The moderators have looked at “{title}” once more; it stays as it was decided."
        ),
        of=CaseKind.APPEAL,
    ),
}
