# Written by makemigrations.

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_holidays_and_leave"),
        ("accounts", "__first__"),
        ("channels", "0002_outlet_opened"),
        ("projects", "0004_commission_from_roster"),
        ("workbooks", "0003_header_matches_of_ones_own"),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("first_recorded_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="remark")),
                ("void", models.BooleanField(default=False, verbose_name="recorded by mistake")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="channels.call",
                    ),
                ),
                (
                    "why",
                    models.CharField(blank=True, help_text="of a correction", max_length=200, verbose_name="reason"),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="channels.outlet",
                        verbose_name="outlet",
                    ),
                ),
                ("reached", models.BooleanField(verbose_name="somebody was spoken to")),
            ],
            options={
                "verbose_name": "outlet call",
                "verbose_name_plural": "outlet calls",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["outlet", "at"], name="call_by_outlet"),
                    models.Index(fields=["by", "at"], name="call_by_author"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("void", False), ("corrects__isnull", False), _connector="OR"),
                        name="call_void_corrects",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="accounts.unit",
                        verbose_name="unit",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="campaign")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                ("products", models.CharField(blank=True, max_length=200, verbose_name="products")),
                ("offer", models.TextField(max_length=2000, verbose_name="offer")),
                ("commission", models.TextField(blank=True, max_length=1000, verbose_name="its commission")),
                ("selling_points", models.TextField(blank=True, max_length=2000, verbose_name="selling points")),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "ordering": ["-starts_on", "name"],
                "indexes": [models.Index(fields=["unit", "ends_on"], name="campaign_by_unit")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="campaign_ends_after_start"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contracts",
                        to="channels.agent",
                        verbose_name="agent",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agent_contracts",
                        to="accounts.unit",
                        verbose_name="unit",
                    ),
                ),
                ("number", models.CharField(max_length=40, verbose_name="contract number")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="remark")),
                ("file", models.FileField(blank=True, upload_to="contracts/%Y/%m/", verbose_name="file")),
                ("file_name", models.CharField(blank=True, max_length=120)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "agent contract",
                "verbose_name_plural": "agent contracts",
                "ordering": ["-ends_on", "-pk"],
                "indexes": [models.Index(fields=["unit", "ends_on"], name="agent_contract_by_end")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("agent"), models.F("number"), name="contract_number_once_per_agent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="contract_ends_after_start"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "grid",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="accounts.grid",
                        verbose_name="grid",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("is_training", models.BooleanField(default=False, verbose_name="training")),
                (
                    "together",
                    models.BooleanField(default=True, help_text="else one to one", verbose_name="all together"),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="meetings",
                        to="projects.project",
                        verbose_name="on site at",
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="place")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                (
                    "month",
                    models.DateField(
                        help_text="first day of the month whose goals are made clear", verbose_name="month"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "planned"), ("held", "held"), ("cancelled", "cancelled")],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="minutes")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("held_at", models.DateTimeField(blank=True, help_text="when it was recorded as held", null=True)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "ordering": ["-starts_at", "-pk"],
                "indexes": [models.Index(fields=["grid", "starts_at"], name="meeting_by_grid")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="meeting_month_first_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True), ("held_at__isnull", False), _connector="OR"
                        ),
                        name="meeting_held_since",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutletMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="workbooks.batch",
                        verbose_name="made by import",
                    ),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="channels.outlet",
                        verbose_name="outlet",
                    ),
                ),
                ("month", models.DateField(help_text="first day of the month", verbose_name="month")),
                ("orders", models.PositiveIntegerField(blank=True, null=True, verbose_name="orders taken")),
                (
                    "commission",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="commission paid (yuan)"
                    ),
                ),
            ],
            options={
                "verbose_name": "outlet's month",
                "verbose_name_plural": "outlets' months",
                "ordering": ["-month", "outlet__code"],
                "indexes": [models.Index(fields=["month", "outlet"], name="outlet_month_by_month")],
                "constraints": [
                    models.UniqueConstraint(models.F("outlet"), models.F("month"), name="outlet_month_once"),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="outlet_month_first_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owner_changes",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "from_agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.agent",
                        verbose_name="agent before",
                    ),
                ),
                (
                    "to_agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.agent",
                        verbose_name="new agent",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("moved", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "verbose_name": "change of owner",
                "verbose_name_plural": "changes of owner",
                "ordering": ["-made_at", "-pk"],
                "indexes": [
                    models.Index(fields=["project", "-made_at"], name="owner_change_by_project"),
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)), fields=["starts_on"], name="owner_change_waiting"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("project"),
                        condition=models.Q(("done_at__isnull", True)),
                        name="owner_change_waits_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Paid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="workbooks.batch",
                        verbose_name="made by import",
                    ),
                ),
                ("month", models.DateField(help_text="first day of the month", verbose_name="month")),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paid",
                        to="channels.agent",
                        verbose_name="agent",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paid",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind of commission")),
                ("quantity", models.IntegerField(blank=True, null=True, verbose_name="quantity")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
            ],
            options={
                "verbose_name": "commission paid",
                "verbose_name_plural": "commission paid",
                "ordering": ["-month", "agent__code", "project__code", "kind"],
                "indexes": [
                    models.Index(fields=["project", "month"], name="paid_by_project"),
                    models.Index(fields=["agent", "month"], name="paid_by_agent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("month"),
                        models.F("agent"),
                        models.F("project"),
                        models.F("kind"),
                        name="paid_once_per_kind",
                    ),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="paid_month_first_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rounds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("starts_at", models.TimeField(verbose_name="starts at")),
                ("budget_minutes", models.PositiveIntegerField(verbose_name="time (minutes)")),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True, decimal_places=6, max_digits=9, null=True, verbose_name="longitude"
                    ),
                ),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name="latitude"),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "round",
                "verbose_name_plural": "rounds",
                "ordering": ["-day"],
                "constraints": [
                    models.UniqueConstraint(models.F("by"), models.F("day"), name="round_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                            _connector="OR",
                        ),
                        name="round_place_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outlet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="channels.outlet",
                    ),
                ),
                (
                    "from_stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("found", "found"),
                            ("talked", "talked"),
                            ("signed", "signed"),
                            ("laid_out", "laid out"),
                            ("selling", "selling"),
                            ("given_up", "given up"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("found", "found"),
                            ("talked", "talked"),
                            ("signed", "signed"),
                            ("laid_out", "laid out"),
                            ("selling", "selling"),
                            ("given_up", "given up"),
                        ],
                        max_length=10,
                        verbose_name="stage",
                    ),
                ),
                ("on", models.DateField(verbose_name="day")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="remark")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "step of winning an outlet",
                "verbose_name_plural": "steps of winning an outlet",
                "ordering": ["on", "pk"],
                "indexes": [models.Index(fields=["outlet", "on"], name="stage_move_by_outlet")],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("first_recorded_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="remark")),
                ("void", models.BooleanField(default=False, verbose_name="recorded by mistake")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="channels.visit",
                    ),
                ),
                (
                    "why",
                    models.CharField(blank=True, help_text="of a correction", max_length=200, verbose_name="reason"),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="channels.outlet",
                        verbose_name="outlet",
                    ),
                ),
                ("longitude", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ("latitude", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ("accuracy_m", models.PositiveIntegerField(blank=True, help_text="radius in metres", null=True)),
                (
                    "distance_m",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="distance from the shop (m)"),
                ),
                ("far_reason", models.CharField(blank=True, max_length=200, verbose_name="why so far from the shop")),
                (
                    "orders",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(10000)],
                        verbose_name="orders since the last visit",
                    ),
                ),
                (
                    "commission",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="commission received since the last visit (yuan)",
                    ),
                ),
                (
                    "knows_manager",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="counter staff know the manager's name and number"
                    ),
                ),
                (
                    "knows_projects",
                    models.BooleanField(blank=True, null=True, verbose_name="counter staff know the projects around"),
                ),
                ("sign", models.BooleanField(blank=True, null=True, verbose_name="sign")),
                ("banner", models.BooleanField(blank=True, null=True, verbose_name="banner")),
                ("x_stand", models.BooleanField(blank=True, null=True, verbose_name="X-stand")),
                ("leaflets", models.BooleanField(blank=True, null=True, verbose_name="leaflets")),
                ("posters", models.BooleanField(blank=True, null=True, verbose_name="posters")),
            ],
            options={
                "verbose_name": "outlet visit",
                "verbose_name_plural": "outlet visits",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["outlet", "at"], name="visit_by_outlet"),
                    models.Index(fields=["by", "at"], name="visit_by_author"),
                    models.Index(
                        condition=models.Q(("first_by__isnull", False)),
                        fields=["first_by", "at"],
                        name="visit_by_first",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                            _connector="OR",
                        ),
                        name="visit_place_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("void", False), ("corrects__isnull", False), _connector="OR"),
                        name="visit_void_corrects",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Weighing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weighings",
                        to="channels.agent",
                        verbose_name="agent",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="weighings",
                        to="accounts.unit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                ("month", models.DateField(help_text="first day of the month", verbose_name="month")),
                ("title", models.CharField(max_length=80, verbose_name="title")),
                ("cases", models.JSONField(default=list)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "input against output",
                "verbose_name_plural": "input against output",
                "ordering": ["-made_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="weighing_month_first_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attendees", to="channels.meeting"
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attended",
                        to="channels.agent",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="attended",
                        to="channels.agentstaff",
                    ),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attended",
                        to="channels.outlet",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("present", models.BooleanField(blank=True, null=True, verbose_name="present")),
            ],
            options={
                "ordering": ["meeting", "agent__code", "outlet__code", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agent__isnull", False), ("outlet__isnull", True)),
                            models.Q(("agent__isnull", True), ("outlet__isnull", False)),
                            _connector="OR",
                        ),
                        name="attendee_of_one",
                    ),
                    models.UniqueConstraint(
                        models.F("meeting"),
                        models.F("agent"),
                        models.F("name"),
                        condition=models.Q(("agent__isnull", False)),
                        name="agent_attendee_once",
                    ),
                    models.UniqueConstraint(
                        models.F("meeting"),
                        models.F("outlet"),
                        models.F("name"),
                        condition=models.Q(("outlet__isnull", False)),
                        name="outlet_attendee_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="channels.campaign"
                    ),
                ),
                ("file", models.FileField(upload_to="campaigns/%Y/%m/", verbose_name="file")),
                ("name", models.CharField(max_length=120, verbose_name="file name")),
                ("size", models.PositiveIntegerField(help_text="bytes")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "grid",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="accounts.grid",
                        verbose_name="grid",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("problem", "problem"), ("support", "support asked for")],
                        default="problem",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("what", models.CharField(max_length=500, verbose_name="what it is about")),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="channels.agent",
                        verbose_name="agent",
                    ),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="channels.outlet",
                        verbose_name="outlet",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="matters",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="channels.meeting",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="channels.visit",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("raised_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="raised")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dealt with by",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("answered", "answered"), ("closed", "closed")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="answered back")),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "matter",
                "verbose_name_plural": "matters",
                "ordering": ["due_on", "pk"],
                "indexes": [
                    models.Index(fields=["grid", "state", "due_on"], name="matter_by_grid"),
                    models.Index(fields=["owner", "state"], name="matter_by_owner"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="matter_answered_has_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "closed"), _negated=True), ("told_at__isnull", False), _connector="OR"
                        ),
                        name="matter_closed_was_told",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="News",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="news",
                        to="projects.project",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="news",
                        to="channels.campaign",
                    ),
                ),
                ("changes", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "news",
                "verbose_name_plural": "news",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["at"], name="news_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("campaign__isnull", True), ("project__isnull", False)),
                            models.Q(("campaign__isnull", False), ("project__isnull", True)),
                            _connector="OR",
                        ),
                        name="news_of_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderTraining",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outlet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trainings",
                        to="channels.outlet",
                        verbose_name="outlet",
                    ),
                ),
                ("person", models.CharField(max_length=60, verbose_name="person")),
                ("on", models.DateField(verbose_name="trained on")),
                ("valid_until", models.DateField(verbose_name="to be renewed by")),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="channels.visit",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="channels.meeting",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("withdrawn_at", models.DateTimeField(blank=True, help_text="recorded by mistake", null=True)),
            ],
            options={
                "verbose_name": "training in ordering by phone",
                "verbose_name_plural": "trainings in ordering by phone",
                "ordering": ["-on", "-pk"],
                "indexes": [models.Index(fields=["outlet", "person", "-on"], name="training_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gte", models.F("on"))), name="training_valid_after"
                    ),
                    models.UniqueConstraint(
                        models.F("outlet"),
                        models.F("person"),
                        models.F("on"),
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        name="training_once_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "round",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stops",
                        to="channels.round",
                    ),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stops", to="channels.outlet"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("arrives_at", models.TimeField(blank=True, null=True)),
                ("distance_m", models.PositiveIntegerField(blank=True, null=True)),
                ("fixed", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["round", "position"],
                "indexes": [models.Index(fields=["round", "position"], name="stop_by_round")],
                "constraints": [
                    models.UniqueConstraint(models.F("round"), models.F("outlet"), name="stop_once_per_round")
                ],
            },
        ),
        migrations.CreateModel(
            name="Scheme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schemes",
                        to="accounts.unit",
                        verbose_name="unit",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="commission scheme")),
                (
                    "payee",
                    models.CharField(
                        choices=[("agent", "agent"), ("outlet", "outlet")], max_length=8, verbose_name="paid to"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="schemes",
                        to="channels.campaign",
                        verbose_name="campaign",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="remark")),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "verbose_name": "commission scheme",
                "verbose_name_plural": "commission schemes",
                "ordering": ["-starts_on", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                        ),
                        name="scheme_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitCampaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="campaigns", to="channels.visit"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="asked", to="channels.campaign"
                    ),
                ),
                ("owner_knows", models.BooleanField(blank=True, null=True, verbose_name="the owner knows it")),
                ("staff_know", models.BooleanField(blank=True, null=True, verbose_name="the staff know it")),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(models.F("visit"), models.F("campaign"), name="campaign_once_per_visit")
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="channels.visit"
                    ),
                ),
                (
                    "piece",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sign", "sign"),
                            ("banner", "banner"),
                            ("x_stand", "X-stand"),
                            ("leaflets", "leaflets"),
                            ("posters", "posters"),
                        ],
                        max_length=10,
                    ),
                ),
                ("image", models.FileField(upload_to="visits/%Y/%m/")),
                ("small", models.FileField(upload_to="visits/%Y/%m/")),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agenda",
                        to="channels.meeting",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("figures", "operating situation"),
                            ("campaign", "campaign"),
                            ("goal", "goal of a project"),
                            ("matter", "open matter"),
                            ("training", "training"),
                            ("other", "other"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.campaign",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.matter",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="what is said")),
                (
                    "proposed",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="as it was proposed; empty: by hand",
                        max_length=500,
                    ),
                ),
                ("explained", models.BooleanField(default=False, verbose_name="explained")),
            ],
            options={
                "ordering": ["meeting", "position", "pk"],
                "indexes": [models.Index(fields=["meeting", "position"], name="agenda_by_meeting")],
            },
        ),
        migrations.CreateModel(
            name="Briefing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "news",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="briefings", to="channels.news"
                    ),
                ),
                (
                    "outlet",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="briefings",
                        to="channels.outlet",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="briefings",
                        to="channels.agent",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="to be told by")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told")),
                (
                    "told_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("visit", "visit"),
                            ("call", "phone call"),
                            ("meeting", "meeting"),
                            ("message", "message"),
                        ],
                        max_length=10,
                        verbose_name="told by",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="briefings",
                        to="channels.visit",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="briefings",
                        to="channels.meeting",
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="channels.briefing",
                    ),
                ),
            ],
            options={
                "verbose_name": "briefing",
                "verbose_name_plural": "briefings",
                "ordering": ["due_on", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("replaced_by__isnull", True), ("told_at__isnull", True)),
                        fields=["outlet", "due_on"],
                        name="briefing_open_by_outlet",
                    ),
                    models.Index(
                        condition=models.Q(("replaced_by__isnull", True), ("told_at__isnull", True)),
                        fields=["agent", "due_on"],
                        name="briefing_open_by_agent",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agent__isnull", True), ("outlet__isnull", False)),
                            models.Q(("agent__isnull", False), ("outlet__isnull", True)),
                            _connector="OR",
                        ),
                        name="briefing_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("told_at__isnull", True), ("way", "")),
                            models.Q(("told_at__isnull", False), models.Q(("way", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="briefing_told_how",
                    ),
                    models.UniqueConstraint(
                        models.F("news"),
                        models.F("outlet"),
                        condition=models.Q(("outlet__isnull", False)),
                        name="outlet_told_once",
                    ),
                    models.UniqueConstraint(
                        models.F("news"),
                        models.F("agent"),
                        condition=models.Q(("agent__isnull", False)),
                        name="agent_told_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatterStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="channels.matter"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("raised", "raised"),
                            ("noted", "noted"),
                            ("passed_on", "passed on"),
                            ("answered", "answered"),
                            ("told", "answered back"),
                            ("reopened", "reopened"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=1000, verbose_name="remark")),
                (
                    "to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="NewsEntry",
            fields=[
                ("entry", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "news",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="channels.news",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rates", to="channels.scheme"
                    ),
                ),
                (
                    "paid_for",
                    models.CharField(
                        choices=[
                            ("new_install", "new install"),
                            ("renewal", "renewal"),
                            ("upgrade", "speed upgrade"),
                            ("other", "other"),
                        ],
                        max_length=12,
                        verbose_name="paid for",
                    ),
                ),
                ("speed_from", models.PositiveIntegerField(default=0, verbose_name="speed from (Mbit/s)")),
                ("speed_below", models.PositiveIntegerField(blank=True, null=True, verbose_name="below (Mbit/s)")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="apiece (yuan)")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="remark")),
            ],
            options={
                "verbose_name": "commission rates",
                "verbose_name_plural": "commission rates",
                "ordering": ["scheme", "paid_for", "speed_from", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("scheme"), models.F("paid_for"), models.F("speed_from"), name="rate_once_per_tier"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("speed_below__isnull", True), ("speed_below__gt", models.F("speed_from")), _connector="OR"
                        ),
                        name="rate_tier_is_a_range",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="rate_is_not_negative"),
                ],
            },
        ),
        migrations.AddField(
            model_name="agent",
            name="address",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="address"),
        ),
        migrations.AddField(
            model_name="agent",
            name="contact",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="person in charge"
            ),
        ),
        migrations.AddField(
            model_name="agent",
            name="note",
            field=models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="remark"),
        ),
        migrations.AddField(
            model_name="agent",
            name="phone",
            field=models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="phone"),
        ),
        migrations.AddField(
            model_name="agentstaff",
            name="left_on",
            field=models.DateField(blank=True, null=True, verbose_name="left on"),
        ),
        migrations.AddField(
            model_name="outlet",
            name="closes_at",
            field=models.TimeField(blank=True, null=True, verbose_name="closes at"),
        ),
        migrations.AddField(
            model_name="outlet",
            name="note",
            field=models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="remark"),
        ),
        migrations.AddField(
            model_name="outlet",
            name="opens_at",
            field=models.TimeField(blank=True, null=True, verbose_name="opens at"),
        ),
        migrations.AddField(
            model_name="outlet",
            name="photo",
            field=models.FileField(
                blank=True, db_default="", default="", upload_to="outlets/%Y/%m/", verbose_name="photo"
            ),
        ),
        migrations.AddField(
            model_name="outlet",
            name="photo_small",
            field=models.FileField(blank=True, db_default="", default="", upload_to="outlets/%Y/%m/"),
        ),
        migrations.AddField(
            model_name="outlet",
            name="rest_days",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="days of the week, 1 is Monday",
                max_length=7,
                verbose_name="closed on",
            ),
        ),
        migrations.AddField(
            model_name="outlet",
            name="stage",
            field=models.CharField(
                choices=[
                    ("found", "found"),
                    ("talked", "talked"),
                    ("signed", "signed"),
                    ("laid_out", "laid out"),
                    ("selling", "selling"),
                    ("given_up", "given up"),
                ],
                db_default="selling",
                default="selling",
                max_length=10,
                verbose_name="stage",
            ),
        ),
        migrations.AddField(
            model_name="outletstaff",
            name="phone",
            field=models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="phone"),
        ),
        migrations.AddField(
            model_name="outletstaff",
            name="position",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="position"),
        ),
        migrations.AddIndex(
            model_name="outlet",
            index=models.Index(fields=["grid", "stage"], name="outlet_by_stage"),
        ),
    ]
