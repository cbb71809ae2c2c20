# Written by makemigrations.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_daily_results"),
    ]

    operations = [
        migrations.AddField(
            model_name="monthlyindicator",
            name="commission_from_roster",
            field=models.BooleanField(db_default=False, default=False, verbose_name="commission is the roster's"),
        ),
        migrations.AddField(
            model_name="monthlyindicator",
            name="commission_typed",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                editable=False,
                max_digits=12,
                null=True,
                verbose_name="commission before the roster (yuan)",
            ),
        ),
    ]
