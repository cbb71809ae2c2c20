"""Which addresses are called, what they are sent, what comes back; the address itself is told to nobody."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from pytest_django import Settings

from gridops.notices import webhook
from tests.notices.conftest import Hook

KEY = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdefABCDEF"
FEISHU = f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"
LARK = f"https://open.larksuite.com/open-apis/bot/v2/hook/{KEY}"

pytestmark = pytest.mark.usefixtures("english")


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name leads to these, one look-up after the other; the last one stays."""
    rest = list(addresses)

    def look_up(_host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        found = rest.pop(0) if len(rest) > 1 else rest[0]
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (found, port or 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, dict[str, Any]]]:
    """What would go out, instead of going: address, data, parameters."""
    sent: list[tuple[str, Any, dict[str, Any]]] = []

    def exchange(_self: Any, url: str, answer: webhook.Answer, options: dict[str, Any]) -> None:
        sent.append((url, json.loads(options["data"]), options.get("params") or {}))
        answer.status_code, answer.content = 200, b'{"errcode": 0, "errmsg": "ok"}'

    monkeypatch.setattr(webhook.Transport, "_exchange", exchange)
    return sent


# --- Which addresses ---


@pytest.mark.parametrize(
    ("pasted", "kept", "called"),
    [
        (WECOM, f"wecombot://{KEY}", WECOM),
        (f"  {WECOM}\n", f"wecombot://{KEY}", WECOM),
        (DINGTALK, "dingtalk://0123456789abcdefABCDEF", DINGTALK),
        (FEISHU, f"feishu://{KEY}", f"{FEISHU}/"),
        (LARK, f"lark://{KEY}", LARK),
    ],
)
def test_a_robots_address_is_taken_as_people_copy_it(
    pasted: str, kept: str, called: str, posted: list[tuple[str, Any, Any]]
) -> None:
    assert webhook.read_address(pasted) == kept
    assert webhook.send(kept, "标题", "正文") == "200"
    ((url, data, _params),) = posted
    assert url == called
    assert "标题" in str(data)
    assert "正文" in str(data)
    assert KEY not in webhook.masked(kept)
    assert "0123456789" not in webhook.masked(kept)


def test_a_signed_dingtalk_robot_gets_its_signature(posted: list[tuple[str, Any, dict[str, Any]]]) -> None:
    kept = webhook.read_address(DINGTALK, "SECabc123DEF")
    assert kept == "dingtalk://SECabc123DEF@0123456789abcdefABCDEF"
    webhook.send(kept, "t", "b")
    url, _data, params = posted[0]
    assert url == DINGTALK
    assert set(params) == {"timestamp", "sign"}
    assert "SECabc" not in webhook.masked(kept)


@pytest.mark.parametrize(
    "pasted",
    [
        "file:///etc/passwd",
        "json://127.0.0.1/x",
        "jsons://example.org/x",
        "exec://rm",
        "syslog://",
        "dbus://",
        "mailto://a:b@example.org",
        "mailtos://a:b@example.org",
        "javascript:alert(1)",
        "ftp://example.org",
        "gopher://example.org",
        "qyapi.weixin.qq.com",
        "http://",
        "http://[::1",
        "http://example.org:99999/",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://oapi.dingtalk.com/robot/send?access_token=",
        "https://oapi.dingtalk.com/robot/send?access_token=a/../b",
        "https://open.feishu.cn/",
        "wecombot://",
        "dingtalk://a!b",
        "",
    ],
)
def test_everything_else_is_refused_in_words(pasted: str) -> None:
    with pytest.raises(webhook.AddressRefused, match=r"\w+ \w+"):
        webhook.read_address(pasted)


PRIVATE = [
    "http://127.0.0.1/x",
    "http://127.1/x",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "https://192.168.1.1:8443/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://224.0.0.1/",
    "http://localhost:8000/",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_are_refused_at_the_form_and_at_sending(address: str) -> None:
    with pytest.raises(webhook.AddressRefused, match="private network"):
        webhook.read_address(address)
    with pytest.raises(webhook.Undelivered, match="private network"):
        webhook.send(address, "t", "b")


@pytest.mark.parametrize("leads_to", ["127.0.0.1", "10.0.0.7", "::1", "169.254.169.254"])
def test_a_name_that_leads_into_a_private_network_is_refused(leads_to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, leads_to)
    with pytest.raises(webhook.AddressRefused, match="private network"):
        webhook.read_address("https://hook.example.org/x")
    with pytest.raises(webhook.Undelivered, match="private network"):
        webhook.send("https://hook.example.org/x", "t", "b")


def test_a_name_that_leads_elsewhere_once_it_was_looked_at_is_sent_nothing(
    hook: Hook, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_PRIVATE = False
    names(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(webhook.Undelivered, match="private network"):
        webhook.send(hook.address.replace("127.0.0.1", "hook.example.org"), "t", "b")
    assert hook.heard == []


def test_a_name_that_nobody_knows_is_taken_and_fails_at_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert webhook.read_address("https://hook.example.org/x") == "https://hook.example.org/x"
    with pytest.raises(webhook.Undelivered, match="can't be reached"):
        webhook.send("https://hook.example.org/x", "t", "b")


# --- What goes out, what comes back ---


def test_any_address_that_takes_json_gets_title_and_text(hook: Hook) -> None:
    kept = webhook.read_address(f"{hook.address.replace('http://', 'http://me:pa%40ss@')}/In/a%20b?Key=V%26W&empty=")
    assert webhook.send(kept, "标题", "正文\n第二行") == "200"
    ((path, headers, data),) = hook.heard
    assert path == "/In/a%20b?Key=V%26W&empty="
    assert (data["title"], data["message"], data["type"]) == ("标题", "正文\n第二行", "info")
    assert headers["Authorization"] == "Basic bWU6cGFAc3M="
    assert headers["User-Agent"] == "gridops"


@pytest.mark.parametrize(("status", "said"), [(404, "error 404"), (500, "error 500"), (302, "not followed")])
def test_what_comes_back_is_said(hook: Hook, status: int, said: str) -> None:
    hook.status, hook.headers = status, {"Location": f"{hook.address}/elsewhere"} if status == 302 else {}
    with pytest.raises(webhook.Undelivered, match=said):
        webhook.send(f"{hook.address}/s3cret", "t", "b")
    assert len(hook.heard) == 1


def test_a_robot_that_refuses_with_status_200_has_not_taken_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def exchange(_self: Any, _url: str, answer: webhook.Answer, _options: dict[str, Any]) -> None:
        answer.status_code, answer.content = 200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'

    monkeypatch.setattr(webhook.Transport, "_exchange", exchange)
    with pytest.raises(webhook.Undelivered, match="93000"):
        webhook.send(f"wecombot://{KEY}", "t", "b")


def test_an_address_that_takes_json_may_answer_what_it_likes(hook: Hook) -> None:
    hook.answer = b'{"code": 201, "errcode": 7}'
    assert webhook.send(hook.address, "t", "b") == "200"


def test_an_answer_without_end_is_not_read(hook: Hook) -> None:
    hook.answer, hook.headers = b"x" * 10_000, {"Content-Length": str(10**12)}
    assert webhook.send(hook.address, "t", "b") == "200"


def test_who_does_not_answer_is_not_waited_for(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "SECONDS", 0.3)
    hook.hold = threading.Event()
    with pytest.raises(webhook.Undelivered, match="does not answer within"):
        webhook.send(hook.address, "t", "b")


def test_who_answers_a_byte_now_and_then_is_not_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_PRIVATE = True
    monkeypatch.setattr(webhook, "SECONDS", 0.4)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connected, _address = server.accept()
            with connected, suppress(OSError):
                connected.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not stop.wait(0.1):
                    connected.sendall(b"x")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        started = time.monotonic()
        try:
            with pytest.raises(webhook.Undelivered, match="does not answer within"):
                webhook.send(f"http://127.0.0.1:{server.getsockname()[1]}/", "t", "b")
        finally:
            stop.set()
            thread.join(5)
        assert time.monotonic() - started < 4


def test_a_proxy_of_the_deployment_may_stand_in_a_private_network(
    hook: Hook, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_PRIVATE = False
    monkeypatch.setenv("http_proxy", hook.address)
    monkeypatch.setenv("no_proxy", "")
    assert webhook.send("http://no-such-name.invalid/x", "t", "b") == "200"
    assert hook.heard[0][0] == "http://no-such-name.invalid/x"
    with pytest.raises(webhook.Undelivered, match="private network"):
        webhook.send("http://127.0.0.1/x", "t", "b")


def test_nobody_listening_is_said(hook: Hook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(webhook.Undelivered, match="can't be reached"):
        webhook.send(f"http://127.0.0.1:{port}/s3cret", "t", "b")


@pytest.mark.parametrize("status", [200, 404, 0])
def test_the_address_stands_in_no_log(hook: Hook, status: int, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    address = f"{hook.address}/s3cret?key=s3cret" if status else "http://127.0.0.1:1/s3cret?key=s3cret"
    hook.status = status
    root, said = logging.getLogger(), [webhook.masked(address)]
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        try:
            said.append(webhook.send(address, "t", "b"))
        except webhook.Undelivered as refusal:
            said.append(str(refusal))
        with pytest.raises(webhook.AddressRefused):
            webhook.read_address("dingtalk://s3cret!")
    finally:
        root.setLevel(level)
    assert "s3cret" not in caplog.text + str(capfd.readouterr()) + str(said)
