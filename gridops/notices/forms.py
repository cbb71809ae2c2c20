"""What a person chooses about being reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gridops.notices import webhook
from gridops.notices.models import Reach, Way
from gridops.notices.registry import KINDS, NoticeKind

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class KindForm(forms.Form):
    """Which kinds of notices to look at."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Kind"), required=False, choices=[("", _("All")), *((k.name, k.title) for k in KINDS.values())]
        )
        self.fields["kind"].widget.attrs["class"] = "form-select"


class ReachForm(forms.ModelForm[Reach]):
    """Ways, quiet hours, one message a day, and a switch for each kind and way.

    The webhook's address is a secret: it is never shown again, and an empty field keeps it.
    """

    webhook = forms.CharField(
        label=_("address of the webhook"),
        required=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
        help_text=_(
            "Paste the address of a robot of WeCom, DingTalk, Feishu or Lark, or any address that takes JSON. "
            "It is kept secret: an empty field keeps what is there."
        ),
    )
    secret = forms.CharField(
        label=_("DingTalk's secret for signing"),
        required=False,
        max_length=90,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Only if the robot was set up with one. With a keyword instead: gridops"),
    )
    forget_webhook = forms.BooleanField(label=_("Remove this address"), required=False)

    class Meta:
        model = Reach
        fields = ("email_on", "webhook_on", "quiet_from", "quiet_until", "digest_at")
        widgets = {"quiet_from": CLOCK, "quiet_until": CLOCK, "digest_at": CLOCK}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS.values():
            for way in Way:
                self.fields[_switch(kind, way)] = forms.BooleanField(
                    label=f"{kind.title}: {way.label}",
                    required=False,
                    initial=not self.instance.is_muted(kind.name, way),
                )
        for field in self.fields.values():
            check = isinstance(field, forms.BooleanField)
            field.widget.attrs["class"] = "form-check-input" if check else "form-control"

    def kinds(self) -> Iterator[tuple[NoticeKind, list[forms.BoundField]]]:
        """Each kind with its switches, in the order of the ways."""
        for kind in KINDS.values():
            yield kind, [self[_switch(kind, way)] for way in Way]

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends; a webhook that is switched on has an address."""
        data = super().clean() or {}
        begin, end = data.get("quiet_from"), data.get("quiet_until")
        if "quiet_from" in data and "quiet_until" in data and (begin is None) != (end is None):
            self.add_error("quiet_until" if begin else "quiet_from", _("Quiet hours need both times, or none."))
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("Quiet hours end at another time than they begin."))
        if data.get("forget_webhook"):
            data["webhook"] = ""
        elif data.get("webhook"):
            try:
                data["webhook"] = webhook.read_address(data["webhook"], data.get("secret", ""))
            except webhook.AddressRefused as refusal:
                self.add_error("webhook", ValidationError(str(refusal), code="refused"))
        else:
            data["webhook"] = self.instance.webhook
        if data.get("webhook_on") and not data.get("webhook") and not self.errors:
            self.add_error("webhook", _("The way by webhook needs an address."))
        return data

    def chosen(self) -> Reach:
        """The person's choice as a row that is yet to be saved."""
        reach: Reach = self.save(commit=False)
        reach.webhook = self.cleaned_data["webhook"]
        reach.webhook_on = reach.webhook_on and bool(reach.webhook)
        muted = {
            kind.name: [str(way) for way in Way if not self.cleaned_data[_switch(kind, way)]] for kind in KINDS.values()
        }
        # Kinds that nothing here knows at the moment keep what was chosen about them.
        reach.muted = {name: ways for name, ways in {**reach.muted, **muted}.items() if ways}
        return reach


def _switch(kind: NoticeKind, way: Way) -> str:
    return f"on:{kind.name}:{way.value}"
