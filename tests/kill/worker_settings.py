"""The product's settings for worker processes that tests start and kill: on the test's own database and files."""

import os
from pathlib import Path

from gridops.settings import *  # noqa: F403 - all of them
from gridops.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["KILL_DATABASE"]
MEDIA_ROOT = Path(os.environ["KILL_MEDIA"])
