"""The demo's sign-ins: made at random, kept in one file that only its owner may read."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who can sign in, how, and as what (in words)."""

    employee_no: str
    password: str
    role: str
    name: str


def path() -> Path:
    """Where they are kept."""
    return Path(settings.VAR_DIR) / "demo-sign-ins.txt"


def make_password() -> str:
    """Twelve letters and digits in three groups: 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def is_demo() -> bool:
    """Whether the database in use is one that the demo has filled, to the end."""
    return _kept().get("database") == _database() and bool(_kept().get("complete"))


def is_half_filled() -> bool:
    """Whether the database in use is one that the demo began to fill and did not finish."""
    return _kept().get("database") == _database() and not _kept().get("complete")


def known_passwords() -> dict[str, str]:
    """Those of the last filling: people keep theirs when the demo is filled again."""
    return {row["employee_no"]: row["password"] for row in _kept().get("sign_ins", [])}


def keep(sign_ins: list[SignIn], *, complete: bool) -> None:
    """Write them down for the owner of this tree only (mode 600)."""
    kept = {"database": _database(), "complete": complete, "sign_ins": [asdict(row) for row in sign_ins]}
    text = f"{table(sign_ins)}\n\n{json.dumps(kept, ensure_ascii=False)}\n"
    path().unlink(missing_ok=True)
    path().touch(mode=0o600)
    path().write_text(text, encoding="utf-8")


def load() -> list[SignIn]:
    """The sign-ins of the demo that is in the database."""
    return [SignIn(**row) for row in _kept().get("sign_ins", [])]


def table(sign_ins: list[SignIn]) -> str:
    """As people read them."""
    return "\n".join(f"  {row.employee_no:<8}{row.password:<18}{row.role}  {row.name}" for row in sign_ins)


def _kept() -> dict[str, Any]:
    try:
        last = path().read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
    except FileNotFoundError:
        return {}
    found: dict[str, Any] = json.loads(last) if last.startswith("{") else {}
    return found


def _database() -> str:
    """Which database is meant, without its password."""
    place = connection.settings_dict
    return sha256(f"{place['ENGINE']}|{place['HOST']}|{place['PORT']}|{place['NAME']}".encode()).hexdigest()[:16]
