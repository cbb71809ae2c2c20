"""The curve of a month's renewals, with what each day should show (S7)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gridops.common.charts import Chart, ChartColumn, Series
from gridops.common.templatetags.gridops import number, percent
from renewals.follow import Followed
from renewals.rules_follow import Basis, running, same_day, share

_NAMES: Mapping[Basis, Promise] = {
    Basis.OWN: gettext_lazy("the course of earlier months here"),
    Basis.UNIT: gettext_lazy("the course of earlier months in the whole unit"),
    Basis.EXPIRY: gettext_lazy("the days of expiry"),
}


def curve(page: Followed) -> Chart:
    """Renewed so far in percent, day by day: this month, what is expected, and the month before on the same days."""
    this, before = page.courses[page.month], page.courses[page.before]
    size, size_before = this.size, before.size
    done, rows = running(this.renewed, page.days), []
    for day, reached in zip(page.days, done, strict=True):
        then = same_day(page.month, day, page.before)
        is_past, was_past = day <= page.today, then <= page.today
        rows.append([
            date_format(day, "n-j"),
            this.expiring.get(day, 0),
            reached if is_past else None,
            _round(share(reached, size)) if is_past else None,
            _round(page.expected.shares.get(day)),
            _round(share(before.renewed_by(then), size_before)) if was_past else None,
        ])  # fmt: skip
    return Chart(
        name="course",
        title=_("Renewed, day by day"),
        says=says(page),
        kind="line",
        columns=[
            ChartColumn(_("day")),
            ChartColumn(_("expiring"), 0),
            ChartColumn(_("renewed so far"), 0),
            ChartColumn(_("this month"), 1, "%"),
            ChartColumn(_("expected"), 1, "%"),
            ChartColumn(_("month before"), 1, "%"),
        ],
        rows=rows if size else [],
        series=[Series(3), Series(5), Series(4, target=True)],
    )


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def says(page: Followed) -> str:
    """What the curve shows, and what it is measured by."""
    size, found = page.courses[page.month].size, page.expected
    if not size or page.day < page.days[0]:
        return str(_("Nothing is to be seen yet."))
    done = page.courses[page.month].renewed_by(page.day)
    wanted = round(found.shares.get(page.day, 0) * size / 100)
    values = {
        "day": date_format(page.day, "n-j"),
        "done": number(done),
        "share": percent(share(done, size)),
        "wanted": number(wanted),
        "wanted_share": percent(found.shares.get(page.day, 0)),
    }
    said = [
        _("By %(day)s: %(done)s renewed (%(share)s), %(wanted)s were expected (%(wanted_share)s).") % values,
        _compared(done - wanted),
        basis_of(page),
    ]
    return " ".join(said)


def _compared(more: int) -> str:
    if not more:
        return _("That is as expected.")
    if more > 0:
        return ngettext("That is %(n)s more.", "That is %(n)s more.", more) % {"n": number(more)}
    return ngettext("That is %(n)s fewer.", "That is %(n)s fewer.", -more) % {"n": number(-more)}


def basis_of(page: Followed) -> str:
    """What is expected, and why it is."""
    found = page.expected
    if found.basis == Basis.EXPIRY:
        text = _(
            "Expected is here that everybody renews by their day of expiry: earlier months with at least %(least)s "
            "contracts, from which a course could be read, are not known."
        )
        return text % {"least": number(page.rules["renewal_course_least"])}
    text = ngettext(
        "Expected by %(name)s: %(months)s month, %(contracts)s contracts.",
        "Expected by %(name)s: %(months)s months, %(contracts)s contracts.",
        found.months,
    )
    return text % {"name": _NAMES[found.basis], "months": found.months, "contracts": number(found.contracts)}
