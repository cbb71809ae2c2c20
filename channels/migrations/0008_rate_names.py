# Written by makemigrations.

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0007_agenda_proposed"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="rate",
            options={
                "ordering": ["scheme", "paid_for", "speed_from", "pk"],
                "verbose_name": "commission rates",
                "verbose_name_plural": "commission rates",
            },
        ),
    ]
