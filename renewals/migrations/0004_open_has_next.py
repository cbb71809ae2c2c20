"""What holds once there is data: an open warning has a next step, and what was said in a contact stands.

The database itself refuses to change a contact; forgetting the import that brought it is all that may happen.
"""

from django.db import migrations, models
from django.db.models import Q

OPEN = ("listed", "assigned", "contacted", "second_visit", "unreachable")
SAID = (
    "key, warning_id, subscriber_id, agent_id, staff_id, by_id, medium, outcome, at, recorded_at, promised_on, loss, "
    "note, longitude, latitude, accuracy_m, corrects_id, state_before, state_after"
)
TEXT = "contacts are never changed, only corrected by a later one"
MAKE = {
    "sqlite": [
        f"CREATE TRIGGER contact_stands BEFORE UPDATE OF {SAID} ON renewals_contact "
        f"BEGIN SELECT RAISE(ABORT, '{TEXT}'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION contact_stands() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'restrict_violation'; END $$",
        f"CREATE TRIGGER contact_stands BEFORE UPDATE OF {SAID} ON renewals_contact "
        "FOR EACH ROW EXECUTE FUNCTION contact_stands()",
    ],
}
DROP = {
    "sqlite": ["DROP TRIGGER contact_stands"],
    "postgresql": ["DROP TRIGGER contact_stands ON renewals_contact", "DROP FUNCTION contact_stands()"],
}


def make(_apps, schema_editor):
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(_apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("renewals", "0003_next_step")]
    operations = [
        migrations.AddConstraint(
            "expirywarning",
            models.CheckConstraint(
                name="warning_open_has_next",
                condition=~Q(state__in=OPEN) | (~Q(next_step="") & Q(next_on__isnull=False)),
            ),
        ),
        migrations.RunPython(make, drop),
    ]
