"""The Chinese catalogue: bring it up to date with the code, and tell what it lacks.

python -m tools.catalogue          update locale/zh_Hans from the code (needs gettext)
python -m tools.catalogue --check  say what is untranslated
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from tests.infra.chromium import install_packages

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "zh_Hans"
CATALOGUE = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
IGNORED = ("tests/*", "tools/*", "node_modules/*", "var/*", ".venv/*")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
SHOWN = 40


def main() -> int:
    """Update, or check."""
    if "--check" in sys.argv[1:]:
        return 0 if check() else 1
    if not have_gettext():
        return 1
    if not make_messages(ROOT):
        return 1
    tidy(ROOT / CATALOGUE)
    return 0


def tidy(path: Path) -> None:
    """Keep the catalogue in the order of its texts, without places and dates: a change shows what changed."""
    entries = polib.pofile(str(path), wrapwidth=0)
    for entry in entries:
        entry.occurrences = []
    entries.sort(key=lambda entry: (entry.msgctxt or "", entry.msgid))
    entries.header = ""
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Report-Msgid-Bugs-To", "Last-Translator", "Language-Team"):
        entries.metadata.pop(name, None)
    entries.save()


def check() -> bool:
    """Whether every string of the code has its Chinese, with the same placeholders."""
    if not have_gettext():
        return not os.environ.get("CI")
    with tempfile.TemporaryDirectory(prefix="gridops-catalogue-") as place:
        copy = Path(place)
        copy_sources(copy)
        if not make_messages(copy):
            return False
        entries = polib.pofile(str(copy / CATALOGUE))
        faults = [fault for entry in entries if not entry.obsolete for fault in faults_of(entry)]
    for fault in faults[:SHOWN]:
        print(f"    {fault}")
    if len(faults) > SHOWN:
        print(f"    ... and {len(faults) - SHOWN} more")
    return not faults


def faults_of(entry: polib.POEntry) -> list[str]:
    """What is wrong with one entry, in words."""
    where = f"{entry.occurrences[0][0]}:{entry.occurrences[0][1]}" if entry.occurrences else "?"
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy:
        return [f"fuzzy: {entry.msgid!r} ({where})"]
    if not all(texts) or not texts:
        return [f"untranslated: {entry.msgid!r} ({where})"]
    wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    return [
        f"placeholders differ: {entry.msgid!r} ({where})"
        for text in texts
        if set(PLACEHOLDER.findall(text)) - wanted
        or (wanted - set(PLACEHOLDER.findall(text)) and not entry.msgid_plural)
    ]


def have_gettext() -> bool:
    """Whether xgettext is here; in CI it is installed."""
    if not shutil.which("xgettext") and os.environ.get("CI"):
        install_packages(("gettext",))
    if shutil.which("xgettext"):
        return True
    print("    NOT CHECKED: xgettext is missing. On Debian or Ubuntu: apt install gettext")
    return False


def copy_sources(target: Path) -> None:
    """What strings are taken from: the tracked and the new files, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py", "*.html", "*.txt", "*.po"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)
    (target / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)


def make_messages(place: Path) -> bool:
    """Gather the strings below ``place`` into its catalogue; False, with the reason on screen, when that fails."""
    ignore = [part for pattern in IGNORED for part in ("--ignore", pattern)]
    command = [sys.executable, "manage.py", "makemessages", "--locale", LANGUAGE, "--no-obsolete", "--no-wrap"]
    with tempfile.TemporaryDirectory() as var:
        env = {**os.environ, "GRIDOPS_VAR_DIR": var}
        done = subprocess.run([*command, *ignore], cwd=place, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        print((done.stdout + done.stderr).strip())
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
