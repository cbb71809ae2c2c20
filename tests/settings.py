"""The product's settings, with what tests need otherwise: private files, quick hashing, no broker."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "GRIDOPS_VAR_DIR" not in os.environ:
    # Set before the product's settings are read; processes that tests start inherit it.
    os.environ["GRIDOPS_VAR_DIR"] = tempfile.mkdtemp(prefix="gridops-tests-")
    atexit.register(shutil.rmtree, os.environ["GRIDOPS_VAR_DIR"], ignore_errors=True)
for name, value in {"HTTPS": "0", "CELERY_BROKER_URL": "memory://", "LOG_LEVEL": "WARNING"}.items():
    os.environ.setdefault(name, value)
for name in ("DEBUG", "GRIDOPS_DEMO", "ALLOWED_HOSTS", "EMAIL_URL"):
    os.environ.pop(name, None)

from gridops.settings import *
from gridops.settings import DATABASES, MIDDLEWARE, STORAGES, VAR_DIR

TESTING = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]
SECOND_FACTOR_REQUIRED = False  # its tests switch it on
AXES_ENABLED = False  # tests of the lock-out switch it on
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="media-", dir=VAR_DIR))
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the product: threads and processes of a test see the same rows and the same locks.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "tests.sqlite3")}
