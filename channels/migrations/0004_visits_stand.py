"""What was recorded of visits and calls stands: the database itself refuses to change it."""

from django.db import migrations

SAID = "key, by_id, first_by_id, at, recorded_at, first_recorded_at, note, void, corrects_id, why, outlet_id"
FOUND = (
    "longitude, latitude, accuracy_m, distance_m, far_reason, orders, commission, knows_manager, knows_projects, "
    "sign, banner, x_stand, leaflets, posters"
)
TABLES = {"visit": f"{SAID}, {FOUND}", "call": f"{SAID}, reached"}
TEXT = "visits and calls are never changed, only corrected by a later one"


def make(_apps, schema_editor):
    for name, columns in TABLES.items():
        trigger = f"CREATE TRIGGER {name}_stands BEFORE UPDATE OF {columns} ON channels_{name} "
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{TEXT}'); END")
        else:
            schema_editor.execute(
                f"CREATE FUNCTION {name}_stands() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'restrict_violation'; END $$"
            )
            schema_editor.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION {name}_stands()")


def drop(_apps, schema_editor):
    for name in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}_stands")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}_stands ON channels_{name}")
            schema_editor.execute(f"DROP FUNCTION {name}_stands()")


class Migration(migrations.Migration):
    dependencies = [("channels", "0003_agents_and_outlets_kept")]
    operations = [migrations.RunPython(make, drop)]
