"""The product's settings for worker processes that tests start and kill: on the test's own database and files."""

import os

from gridops.settings import *
from gridops.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["KILL_DATABASE"]
MEDIA_ROOT = os.environ["KILL_MEDIA"]
