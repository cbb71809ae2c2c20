"""People and the organisation: who answers for which territory, since when (handbook O1, O2)."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from auditlog.registry import auditlog
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gridops.accounts.querysets import AbsenceQuerySet, GridQuerySet, MembershipQuerySet, UnitQuerySet, UserQuerySet
from gridops.accounts.scope import Scope


class Role(models.TextChoices):
    """What a membership lets a person do (design, section 5)."""

    ADMIN = "admin", _("admin")
    SUPERVISOR = "supervisor", _("supervisor")
    RENEWAL_SPECIALIST = "renewal_specialist", _("renewal specialist")
    GRID_MANAGER = "grid_manager", _("grid manager")
    AGENT_STAFF = "agent_staff", _("agent staff")


class Unit(models.Model):
    """A business unit: owns grids, hands down targets (O1)."""

    name = models.CharField(_("unit"), max_length=60, unique=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return self.name


class Grid(models.Model):
    """The territory of a grid manager (O2)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grids", verbose_name=_("unit"))
    name = models.CharField(_("grid"), max_length=60)

    objects = GridQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("unit", "name", name="grid_name_once_in_unit")]
        verbose_name = _("grid")
        verbose_name_plural = _("grids")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; sign-in is by employee number."""

    def create_user(self, employee_no: str, name: str = "", password: str | None = None, **fields: Any) -> User:
        """A person; without a password nobody can sign in as them until a set-up link is used."""
        user: User = self.model(employee_no=employee_no, name=name or employee_no, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, employee_no: str, password: str | None = None, **fields: Any) -> User:
        """A person who may do everything; also an admin member, so that the product's own pages know them."""
        user = self.create_user(employee_no, password=password, is_superuser=True, **fields)
        Membership.objects.create(user=user, role=Role.ADMIN, starts_on=timezone.localdate())
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by employee number. Disabled, never deleted."""

    employee_no = models.CharField(_("employee number"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "employee_no"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["employee_no"]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return f"{self.name} ({self.employee_no})"

    @property
    def is_staff(self) -> bool:
        """Who may open Django's own admin pages: a superuser, while the admin role lasts."""
        return self.is_superuser and self.scope.everything

    @cached_property
    def scope(self) -> Scope:
        """What this person's memberships of today let them see and do; read once per request."""
        return Membership.objects.scope_of(self, timezone.localdate())

    def get_session_auth_hash(self) -> str:
        """Changes with the password, and when the person is disabled or their roles change: then sessions end."""
        value = f"{self.password}:{self.is_active}:{self.session_epoch}"
        return salted_hmac("gridops.accounts.session", value, algorithm="sha256").hexdigest()


class Membership(models.Model):
    """A role of a person in a unit or grid, from a day until a day: who was responsible when is kept (O2)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="memberships")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, related_name="memberships")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    stands_in_for = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="deputies", verbose_name=_("deputy of")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "role"]
        constraints = [
            models.CheckConstraint(
                name="membership_place_fits_role",
                condition=Q(role=Role.GRID_MANAGER, grid__isnull=False, unit__isnull=True)
                | Q(role__in=[Role.SUPERVISOR, Role.RENEWAL_SPECIALIST], unit__isnull=False, grid__isnull=True)
                | Q(role__in=[Role.ADMIN, Role.AGENT_STAFF], unit__isnull=True, grid__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="membership_deputy_for_a_time",
                condition=Q(stands_in_for__isnull=True)
                | Q(ends_on__isnull=False)
                & ~Q(stands_in_for=F("user"))
                & Q(role__in=[Role.SUPERVISOR, Role.GRID_MANAGER]),
            ),
            models.UniqueConstraint(
                "user",
                "role",
                Coalesce("unit", 0),
                Coalesce("grid", 0),
                name="membership_open_once",
                condition=Q(ends_on__isnull=True),
            ),
        ]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()} {self.grid or self.unit or ''}".strip()

    def is_current(self, day: date) -> bool:
        """Whether it holds on ``day``, both ends included."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class RuleValue(models.Model):
    """A threshold of the handbook as an admin set it, for one unit or for all (see ``rulebook.RULES``)."""

    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="rule_values")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(Coalesce("unit", 0), "key", name="rule_once_per_unit")]

    def __str__(self) -> str:
        return f"{self.key} {self.unit or ''}".strip()


class AccessRecord(models.Model):
    """Personal data that someone looked at or took out: written before the first byte leaves."""

    class Kind(models.TextChoices):
        REVEAL = "reveal", _("revealed")
        EXPORT = "export", _("exported")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    subject = models.CharField(
        max_length=80, help_text="model label and id, or the export's name: never the data itself"
    )
    rows = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-at"], name="access_by_user"),
            models.Index(fields=["at"], name="access_by_time"),
        ]
        verbose_name = _("access record")
        verbose_name_plural = _("access records")


class Preference(models.Model):
    """How a person likes a page: the columns of a ledger and the like. Never holds personal data."""

    user = models.ForeignKey(User, models.CASCADE, related_name="preferences")
    key = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="preference_once")]


class Holiday(models.Model):
    """A day that differs from its weekday: a public holiday, or a weekend day that is worked instead.

    Each year's are decided by the State Council and entered by an admin; what is not here is as its weekday.
    """

    day = models.DateField(_("day"), primary_key=True)
    name = models.CharField(_("name"), max_length=40)
    is_workday = models.BooleanField(_("worked instead"), default=False)

    class Meta:
        ordering = ["day"]
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Absence(models.Model):
    """Days on which a person is on leave, both included: what they owe is less (C5)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences", verbose_name=_("person"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    note = models.CharField(_("remark"), max_length=120, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(name="absence_ends_after_start", condition=Q(ends_on__gte=F("starts_on")))
        ]
        indexes = [models.Index(fields=["user", "starts_on"], name="absence_by_user")]
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")

    def __str__(self) -> str:
        return f"{self.user} {self.starts_on}"


auditlog.register(User, exclude_fields=["password", "last_login", "session_epoch"], mask_fields=["phone"])
auditlog.register(Membership)
auditlog.register(RuleValue)
auditlog.register(Holiday)
auditlog.register(Absence)
