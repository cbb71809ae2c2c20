"""One settings file. Every deployment choice is an environment variable, read strictly: a bad value stops the start."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from gridops.common.broker import QuickConnection

# Generic Django classes may be subscripted at run time too: ``ModelForm[Project]``.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where gridops keeps what it makes: database, uploads, collected static files, generated secret.
VAR_DIR = Path(env.str("GRIDOPS_VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _switch(name: str, default: bool) -> bool:
    """A yes or no. A word that is neither stops the start: a mistyped HTTPS=ture must not switch it off."""
    text = str(env.str(name, "")).strip().lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    if text:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}")
    return default


def _number(name: str, default: int) -> int:
    """A whole number, not negative."""
    text = str(env.str(name, "")).strip()
    if text and not (text.isascii() and text.isdecimal()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}")
    return int(text or default)


def _site_url() -> str:
    """``SITE_URL``: scheme and host only, perhaps a port."""
    text = str(env.str("SITE_URL", "")).strip().rstrip("/")
    if not text:
        return f"http://localhost:{env.str('PORT', '') or 8000}"  # ``serve`` says what is wrong with a port
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise ImproperlyConfigured(f"SITE_URL must be like https://gridops.example.cn, not {text!r}")
    return text


DEBUG = _switch("DEBUG", False)
DEMO = _switch("GRIDOPS_DEMO", False)


def _secret_key() -> str:
    """The key from ``SECRET_KEY``, or one made on the first start and kept in ``VAR_DIR`` for its owner only."""
    if given := str(env.str("SECRET_KEY", "")):
        return given
    kept = VAR_DIR / "secret-key"
    try:
        with kept.open("x") as fresh:
            kept.chmod(0o600)
            fresh.write(get_random_secret_key() + get_random_secret_key())
    except FileExistsError:
        pass
    return kept.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "auditlog",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "gridops.common",
    "gridops.accounts",
    "gridops.notices",
    "gridops.jobs",
    "gridops.workbooks",
    "projects",
    "channels",
    "promotions",
    "renewals",
    "plans",
    "desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gridops.accounts.middleware.SignedInMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "gridops.accounts.middleware.UserLanguageMiddleware",
    "gridops.accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gridops.accounts.middleware.NoStoreMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gridops.urls"
WSGI_APPLICATION = "gridops.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gridops.accounts.context.frame",
                "gridops.notices.context.bell",
            ],
            "builtins": ["django.templatetags.i18n", "gridops.common.templatetags.gridops"],
        },
    }
]

# --- Database: SQLite in WAL mode with immediate transactions, or whatever DATABASE_URL names ---

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'gridops.sqlite3'}")}
if DATABASES["default"].get("ENGINE") == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=30,
        # One checkpoint for the many small transactions of a month's run, not one after each of them.
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; "
        "PRAGMA wal_autocheckpoint=10000;",
    )
elif DATABASES["default"].get("ENGINE") == "django.db.backends.postgresql":
    DATABASES["default"]["CONN_MAX_AGE"] = _number("DATABASE_CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
else:
    raise ImproperlyConfigured("DATABASE_URL must name SQLite or PostgreSQL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600

# Guessing is stopped per account and address together, so that nobody can lock a colleague out from elsewhere.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
TRUSTED_PROXIES = _number("TRUSTED_PROXIES", 0)
AXES_CLIENT_IP_CALLABLE = "gridops.accounts.address.client_address"

# Admins and supervisors prove themselves twice; whoever has set a second factor up does too.
SECOND_FACTOR_REQUIRED = _switch("SECOND_FACTOR_REQUIRED", not (DEBUG or DEMO))
OTP_TOTP_ISSUER = "gridops"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True  # a superuser looks after devices, but can't become their owners

# --- Language and time ---

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Static files and uploads ---

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "gridops.common.finders.PackageFilesFinder",
]
# address below /static/ -> file below node_modules
PACKAGE_FILES = {
    "tabler/css/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/css/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "tabler/js/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "tabler/js/tabler.min.js.map": "@tabler/core/dist/js/tabler.min.js.map",
    "tabler-icons/tabler-icons.min.css": "@tabler/icons-webfont/dist/tabler-icons.min.css",
    "tabler-icons/fonts/tabler-icons.woff2": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2",
    "tabler-icons/fonts/tabler-icons.woff": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff",
    "tabler-icons/fonts/tabler-icons.ttf": "@tabler/icons-webfont/dist/fonts/tabler-icons.ttf",
    "tabulator/tabulator.min.js": "tabulator-tables/dist/js/tabulator.min.js",
    "tabulator/tabulator.min.js.map": "tabulator-tables/dist/js/tabulator.min.js.map",
    "tabulator/tabulator_bootstrap5.min.css": "tabulator-tables/dist/css/tabulator_bootstrap5.min.css",
    "tabulator/tabulator_bootstrap5.min.css.map": "tabulator-tables/dist/css/tabulator_bootstrap5.min.css.map",
    "echarts/echarts.common.min.js": "echarts/dist/echarts.common.min.js",
}
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "gridops.common.storage.StaticStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Security ---

_self = [SELF]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": _self,
        "img-src": [SELF, "data:"],
        "font-src": _self,
        "script-src": _self,
        "style-src": _self,
        "connect-src": _self,
        "form-action": _self,
        "base-uri": _self,
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
# Field offices often run plain http on a closed network; with HTTPS=1 (the default outside DEBUG and the demo)
# everything is strict.
HTTPS = _switch("HTTPS", not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # a probe asks over plain http
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000  # a split sent whole: four fields for each of up to 2,000 projects

# --- Celery: a broker that needs no server, or CELERY_BROKER_URL ---

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", f"sqla+sqlite:///{VAR_DIR / 'broker.sqlite3'}")
EMBEDDED_BROKER_OPTIONS = {"connect_args": {"timeout": 30, "factory": QuickConnection}}
CELERY_BROKER_TRANSPORT_OPTIONS = (
    EMBEDDED_BROKER_OPTIONS
    if CELERY_BROKER_URL.startswith("sqla+sqlite")
    else {"visibility_timeout": 3600, "socket_connect_timeout": 5}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.sweep", "schedule": 60.0},
    "deliver-notices": {"task": "notices.deliver", "schedule": 60.0},
    "ensure-month": {"task": "jobs.ensure_month", "schedule": crontab(minute="5")},
    "forget-imports": {"task": "workbooks.forget_old", "schedule": crontab(hour="3", minute="20")},
    "forget-notices": {"task": "notices.forget", "schedule": crontab(hour="3", minute="30")},
    "remind-of-plans": {"task": "plans.remind", "schedule": crontab(minute="10")},
    "remind-of-renewals": {"task": "renewals.remind", "schedule": crontab(minute="12")},
    "see-renewals-through": {"task": "renewals.nightly", "schedule": crontab(minute="20")},
    "gather-news": {"task": "channels.gather_news", "schedule": 60.0},
    "remind-of-matters": {"task": "channels.remind", "schedule": crontab(minute="14")},
    "keep-agents": {"task": "channels.keep_agents", "schedule": crontab(minute="6")},
    "tell-newcomers": {"task": "channels.tell_newcomers", "schedule": crontab(minute="25")},
    "clear-sessions": {"task": "accounts.clear_sessions", "schedule": crontab(hour="3", minute="40")},
}

# --- Jobs and workbooks ---

JOB_LEASE_SECONDS = _number("JOB_LEASE_SECONDS", 120)
JOB_MAX_ATTEMPTS = 3
JOB_BELL_GRACE_SECONDS = _number("JOB_BELL_GRACE_SECONDS", 20)
# Files and rows of imports hold people's data: after this many days they go, and with them the chance to undo.
WORKBOOK_KEEP_DAYS = env.int("WORKBOOK_KEEP_DAYS", 90)
WORKBOOK_LIMITS = {
    "file_bytes": 50 * 1024 * 1024,
    "unpacked_bytes": 1024 * 1024 * 1024,
    "ratio": 200,
    "members": 2_000,
    "rows": 300_000,
    "columns": 200,
    "cell_chars": 2_000,
    "seconds": 300,
    "memory_bytes": 2 * 1024 * 1024 * 1024,
}

# --- Notices ---

# What links in e-mails and webhooks begin with: the address at which people open gridops.
SITE_URL = _site_url()
NOTICE_LEASE_SECONDS = 180  # longer than one message may take: every step of it ends after EMAIL_TIMEOUT or 5 s
NOTICE_KEEP_DAYS = _number("NOTICE_KEEP_DAYS", 180)
# Webhooks into private networks, for a closed one; elsewhere people could knock at what only the server reaches.
WEBHOOK_PRIVATE = _switch("WEBHOOK_PRIVATE", False)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "gridops@localhost")
EMAIL_TIMEOUT = 10

# Photos are encoded anew; what is larger than this is not even opened. Sides in pixels.
PHOTO_LIMITS = {
    "file_bytes": 15 * 1024 * 1024,
    "pixels": 52_000_000,
    "side": 1600,
    "small_side": 320,
    "count": 6,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    # The address of a webhook is a secret, and these write it down, whatever LOG_LEVEL is.
    "loggers": {"apprise": {"level": "CRITICAL"}, "urllib3": {"level": "CRITICAL"}},
}
vars().update(env.email("EMAIL_URL", default="consolemail://"))  # EMAIL_BACKEND, EMAIL_HOST and so on
