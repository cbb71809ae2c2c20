"""Warnings of before get their next step: a call, so many days before they expire."""

from datetime import timedelta

from django.db import migrations

OPEN = ("listed", "assigned")
FIRST_CALL = timedelta(days=15)  # the default of the rule, as of this migration


def give_next_step(apps, _schema_editor):
    warnings = apps.get_model("renewals", "ExpiryWarning").objects
    days = warnings.filter(state__in=OPEN, next_on=None).order_by().values_list("expires_on", flat=True).distinct()
    for day in list(days):
        warnings.filter(state__in=OPEN, next_on=None, expires_on=day).update(
            next_step="call", next_on=day - FIRST_CALL
        )


class Migration(migrations.Migration):
    dependencies = [("renewals", "0002_worked_to_a_result")]
    operations = [migrations.RunPython(give_next_step, migrations.RunPython.noop)]
