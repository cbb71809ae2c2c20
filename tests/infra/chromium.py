"""Finds a Chromium, or gets one: the system's package where that can be installed, else the browser tool's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.infra.servers import Unavailable

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-wqy-zenhei")


def executable() -> str | None:
    """The Chromium that is here already, if any."""
    if given := os.environ.get("CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _own_download()


def ensure() -> str:
    """The Chromium to use; installs one, with a Chinese font, when there is none."""
    if not executable() or not has_chinese_font():
        install_packages(PACKAGES)
    if not executable():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    found = executable()
    if not found:
        raise Unavailable("Chromium: none is installed, and none could be downloaded. On Debian: apt install chromium")
    return found


def has_chinese_font() -> bool:
    """Whether Chinese would be drawn as characters, not as boxes."""
    if not shutil.which("fc-list"):
        return False
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def install_packages(packages: tuple[str, ...]) -> bool:
    """Install packages of the system, where we may."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *command], env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
    return done.returncode == 0


def _own_download() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        found = tool.chromium.executable_path
    return found if Path(found).exists() else None
