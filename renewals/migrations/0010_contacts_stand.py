"""The database itself refuses to change what was said in a contact; forgetting its import is all that may happen."""

from django.db import migrations

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
    dependencies = [("renewals", "0009_households")]
    operations = [migrations.RunPython(make, drop)]
