"""What is written to a person: some notices as one message, for e-mail and for webhooks, and the e-mail itself.

To be called in the person's language.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.notices.models import Notice
from gridops.notices.webhook import TEXT_BYTES, Undelivered

SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One notice in a message, with the whole address at which it is opened."""

    title: str
    body: str
    link: str

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.title, self.body, self.link)))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: its title, its notices, where all of them are, and where to choose what comes."""

    title: str
    parts: Sequence[Part]
    all_link: str
    settings_link: str

    @property
    def text(self) -> str:
        """As plain text."""
        return SEPARATOR.join(map(str, self.parts))

    @property
    def short_text(self) -> str:
        """As much of it as a robot takes beside the title, and how many more there are.

        Ends with our name: robots may ask for a keyword.
        """
        kept: list[str] = []
        room = TEXT_BYTES - len(self.title.encode())
        for number, part in enumerate(self.parts):
            block = self._block(part, room)
            if len(SEPARATOR.join([*kept, block]).encode()) > room:
                block = "\n".join((part.title, part.link))
            if len(SEPARATOR.join([*kept, block]).encode()) > room:
                rest = len(self.parts) - number
                kept.append(ngettext("and %(n)d more", "and %(n)d more", rest) % {"n": rest} + f"\n{self.all_link}")
                break
            kept.append(block)
        return SEPARATOR.join([*kept, "gridops"])

    def _block(self, part: Part, room: int) -> str:
        """A notice among others; of a single one the title stands above already, and its text is cut where it must."""
        if len(self.parts) > 1:
            return str(part)
        cut = part.body.encode()[: room - len(part.link.encode()) - 10].decode(errors="ignore")
        return "\n".join(filter(None, (part.body if cut == part.body else f"{cut}…", part.link)))


def letter_of(notices: Sequence[Notice]) -> Letter:
    """One message about ``notices``, which are one person's."""
    title = notices[0].title
    if len(notices) > 1:
        number = ngettext("%(n)d notice", "%(n)d notices", len(notices)) % {"n": len(notices)}
        title = _("%(notices)s: %(first)s …") % {"notices": number, "first": title}
    return Letter(
        title=" ".join(title.split()),
        parts=[Part(notice.title, notice.body, whole("notices:open", notice.pk)) for notice in notices],
        all_link=whole("notices:list"),
        settings_link=whole("notices:settings"),
    )


def trial() -> Letter:
    """A message that only shows that one gets through."""
    part = Part(_("A trial message"), _("Notices of gridops reach you here."), whole("notices:settings"))
    return Letter(part.title, [part], whole("notices:list"), whole("notices:settings"))


def whole(name: str, *args: object) -> str:
    """The address of a page as it works outside the app."""
    return settings.SITE_URL + reverse(name, args=args)


def send_email(address: str, letter: Letter, connection: BaseEmailBackend) -> None:
    """Send a message by e-mail; ``Undelivered`` says in words why not, without the address."""
    context = {"letter": letter, "site": settings.SITE_URL}
    # Django refuses a line break in a header; the title has none.
    message = EmailMultiAlternatives(
        f"[gridops] {letter.title}",
        render_to_string("notices/mail.txt", context),
        to=[address],
        connection=connection,
        headers={"List-Unsubscribe": f"<{letter.settings_link}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Undelivered(in_words(error)) from error


def in_words(error: Exception) -> str:
    """What is wrong with the mail server or the address; the error's own text may name either."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _("The mail server refuses the e-mail address.")
        case smtplib.SMTPAuthenticationError():
            return _("The mail server does not let gridops in.")
        case smtplib.SMTPResponseException():
            return _("The mail server answers with the error %(n)d.") % {"n": error.smtp_code}
        case ValueError():  # a line break in an address
            return _("This is no e-mail address.")
    return _("The mail server can't be reached.")
