"""Moments around the 28th, Asia/Shanghai."""

from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
ON_TIME = datetime(2026, 11, 26, 10, 0, tzinfo=SHANGHAI)
LAST_SECOND = datetime(2026, 11, 28, 23, 59, 59, tzinfo=SHANGHAI)
TOO_LATE = datetime(2026, 11, 29, 0, 0, tzinfo=SHANGHAI)
