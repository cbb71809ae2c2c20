"""Messages to a robot of WeCom, DingTalk, Feishu or Lark, or to any address that takes JSON, by apprise.

A person's address is a secret: whoever knows it can write into their group. It is shown masked and never written down.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import requests
from apprise import AppriseAsset
from apprise.plugins import custom_json, dingtalk, feishu, lark, wecombot
from apprise.plugins.base import NotifyBase
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

SECONDS = 5
ANSWER_BYTES = 4_096
# A robot takes 2,048 bytes at most (WeCom): title and notices; the rest is for how many more there are.
TEXT_BYTES = 1_850
ASSET = AppriseAsset(app_id="gridops", app_desc="gridops", http_redirects=False)

# scheme that apprise gives it -> its class, and what people call it
ROBOTS: dict[str, tuple[type[NotifyBase], Promise]] = {
    "wecombot": (wecombot.NotifyWeComBot, gettext_lazy("WeCom robot")),
    "dingtalk": (dingtalk.NotifyDingTalk, gettext_lazy("DingTalk robot")),
    "feishu": (feishu.NotifyFeishu, gettext_lazy("Feishu robot")),
    "lark": (lark.NotifyLark, gettext_lazy("Lark robot")),
}
# host -> the robots that answer there, and where in the address as people copy it the token stands
NATIVE = {
    "qyapi.weixin.qq.com": ("wecombot", "key"),
    "oapi.dingtalk.com": ("dingtalk", "access_token"),
    "open.feishu.cn": ("feishu", ""),
    "open.larksuite.com": ("lark", ""),
}
# How robots name the code of an answer: WeCom and DingTalk, Feishu and Lark, their older versions.
REFUSALS = ("errcode", "code", "StatusCode")


class AddressRefused(ValueError):
    """Not the address of a webhook that we would call; the text says why, in the person's words."""


class Undelivered(Exception):
    """A message did not get through; the text says why, without the address."""


class Forbidden(requests.RequestException):
    """The address lies in a network that is none of a webhook's business."""


# --- Addresses ---


def read_address(text: str, secret: str = "") -> str:
    """The address that is kept for what a person pasted, or ``AddressRefused``. ``secret`` signs (DingTalk)."""
    text, secret = text.strip(), secret.strip()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused(_("This is not an address.")) from error
    if parts.scheme in ROBOTS:
        kept = text
    elif parts.scheme not in ("http", "https") or not host:
        raise AddressRefused(
            _(
                "Only the robots of WeCom, DingTalk, Feishu and Lark, and addresses that begin with "
                "https:// or http://, can be told."
            )
        )
    elif host in NATIVE:
        kept = _robot(*NATIVE[host], text, secret)
    else:
        kept = text
        _refuse_private(host)
    if _plugin(kept) is None:
        raise AddressRefused(_("This address is not complete. Please copy it once more."))
    return kept


def _robot(scheme: str, parameter: str, text: str, secret: str) -> str:
    parts = urlsplit(text)
    token = (
        parse_qs(parts.query).get(parameter, [""])[0] if parameter else parts.path.rstrip("/").rpartition("/hook/")[2]
    )
    if not token.replace("-", "").replace("_", "").isalnum() or (secret and not secret.isalnum()):
        raise AddressRefused(_("This address is not complete. Please copy it once more."))
    return f"{scheme}://{secret}@{token}" if secret and scheme == "dingtalk" else f"{scheme}://{token}"


def _refuse_private(host: str) -> None:
    """Whoever fills in the form hears at once; a name that nobody knows yet is left to the sending."""
    try:
        _check_host(host)
    except Forbidden as error:
        raise AddressRefused(_private()) from error
    except (OSError, UnicodeError):
        pass


def _private() -> str:
    return _("This address lies in a private network, which is not allowed here.")


def _plugin(kept: str) -> NotifyBase | None:
    """What apprise sends with. Only these classes are ever made, whatever the address says."""
    parts = urlsplit(kept)
    if parts.scheme in ROBOTS:
        kind = ROBOTS[parts.scheme][0]
        secret, _at, token = parts.netloc.rpartition("@")
        wanted: dict[str, Any] = {"key": token} if parts.scheme == "wecombot" else {"token": token}
        if parts.scheme == "dingtalk" and secret:
            wanted["secret"] = secret
    else:
        kind = custom_json.NotifyJSON
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        wanted = {
            "host": host,
            "port": parts.port,
            "user": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "fullpath": parts.path or "/",
            "secure": parts.scheme == "https",
            "params": dict(parse_qsl(parts.query, keep_blank_values=True)),
        }
    try:
        made: NotifyBase = kind(asset=ASSET, **wanted)
    except TypeError:
        return None  # apprise's own complaints are of this kind, and so is a missing token
    return made


def masked(kept: str) -> str:
    """An address as its owner may see it: what it is, and the end of it."""
    parts = urlsplit(kept)
    if parts.scheme in ROBOTS:
        return f"{ROBOTS[parts.scheme][1]} …{kept.rstrip('/')[-4:]}"
    return f"{parts.hostname}/…"


# --- Which networks may be reached ---


def _is_public(text: str) -> bool:
    address: Any = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is None and address in ipaddress.ip_network("64:ff9b::/96" if address.version == 6 else "0.0.0.0/32"):
        inner = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
    return bool(address.is_global and not address.is_multicast and (inner is None or inner.is_global))


def _check_host(host: str) -> None:
    """Refuse a host of which any address is not public."""
    if settings.WEBHOOK_PRIVATE:
        return
    found: Iterable[Any] = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    if not all(_is_public(str(address[0])) for *_rest, address in found):
        raise Forbidden


class _Connection(HTTPConnection):
    """Looks at whom it is really connected to before it says a word: the name may lead elsewhere by now."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        if not settings.WEBHOOK_PRIVATE and not _is_public(str(connected.getpeername()[0])):
            connected.close()
            # urllib3 and requests wrap what is raised here: the answer keeps the reason
            _answer.get().fault = Forbidden()
            raise Forbidden
        return connected


class _SecureConnection(_Connection, HTTPSConnection):
    """The same under TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


# --- Sending ---


@dataclass(slots=True)
class Answer:
    """What came back: the status and the beginning of the text, or what went wrong on the way."""

    status_code: int = 0
    content: bytes = b""
    fault: Exception | None = None


_answer: ContextVar[Answer] = ContextVar("answer")


class Transport:
    """Takes the place of ``requests`` in apprise's plugins.

    apprise follows redirects, reads answers of any size, and forgets what a robot answered. Here nothing is followed,
    little is read, every step ends after 5 seconds, and only public networks are reached. A proxy of the deployment's
    own may stand anywhere: what lies behind it is its to judge, once the name has passed.
    """

    codes = requests.codes
    RequestException = requests.RequestException

    def post(self, url: str, **kwargs: Any) -> Answer:
        """As ``requests.post``."""
        return self.request("POST", url, **kwargs)

    def request(self, _method: str, url: str, **kwargs: Any) -> Answer:
        """As ``requests.request``, but always a POST; what came of it is kept for ``send``."""
        answer = _answer.get()
        try:
            self._exchange(url, answer, {**kwargs, "timeout": SECONDS, "allow_redirects": False, "stream": True})
        except (OSError, ValueError) as error:  # requests' own are OSErrors
            answer.fault = answer.fault or error
            raise requests.RequestException from None
        return answer

    def _exchange(self, url: str, answer: Answer, options: dict[str, Any]) -> None:
        proxied = bool(select_proxy(url, get_environ_proxies(url)))
        try:
            _check_host(urlsplit(url).hostname or "")
        except socket.gaierror:
            if not proxied:
                raise
        with requests.Session() as session:
            if not proxied:
                session.mount("http://", _Adapter())
                session.mount("https://", _Adapter())
            with session.post(url, **options) as response:
                answer.status_code = response.status_code
                answer.content = next(response.iter_content(ANSWER_BYTES), b"")


for _module in (custom_json, dingtalk, feishu, lark, wecombot):
    vars(_module)["requests"] = Transport()


def send(kept: str, title: str, text: str) -> str:
    """Send a message; what the other side answered, in short. ``Undelivered`` when it did not get through."""
    plugin, answer = _plugin(kept), Answer()
    if plugin is None:
        raise Undelivered(_("There is no webhook any more."))

    def exchange() -> None:
        _answer.set(answer)
        try:
            plugin.notify(body=text, title=title)
        except Exception as error:  # its text may hold the address
            answer.fault = answer.fault or error

    # Who answers a byte now and then passes every time-out: the thread is left to itself and ends with the process.
    thread = threading.Thread(target=exchange, daemon=True)
    thread.start()
    thread.join(3 * SECONDS)
    if thread.is_alive():
        raise Undelivered(_slow(3 * SECONDS))
    _complain(answer, urlsplit(kept).scheme in ROBOTS)
    return str(answer.status_code)


def _slow(seconds: float) -> str:
    return _("The webhook's address does not answer within %(n)d seconds.") % {"n": seconds}


def _complain(answer: Answer, is_robot: bool) -> None:
    """``Undelivered`` with what is wrong about an answer, if anything is."""
    if isinstance(answer.fault, Forbidden):
        raise Undelivered(_private())
    if isinstance(answer.fault, requests.Timeout):
        raise Undelivered(_slow(SECONDS))
    if answer.fault or not answer.status_code:
        raise Undelivered(_("The webhook's address can't be reached."))
    if 300 <= answer.status_code < 400:
        raise Undelivered(_("The webhook's address sends on to another one, which is not followed."))
    if not 200 <= answer.status_code < 300:
        raise Undelivered(_("The webhook's address answers with the error %(n)d.") % {"n": answer.status_code})
    if is_robot and (refusal := _refusal(answer.content)):
        raise Undelivered(_("The robot refuses the message: %(code)s") % {"code": refusal})


def _refusal(content: bytes) -> str:
    """The code with which a robot refuses in an answer that looks like success; its words may hold the address."""
    try:
        said = json.loads(content)
    except ValueError:
        return ""
    codes = [said.get(name) for name in REFUSALS] if isinstance(said, dict) else []
    return next((str(code)[:20] for code in codes if isinstance(code, int) and code), "")
