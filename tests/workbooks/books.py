"""Small workbooks for tests, typed as people type them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import MAC_EPOCH

SUBSCRIBERS = [
    "用户账号",
    "用户姓名",
    "联系电话",
    "装机地址",
    "项目编码",
    "项目名称",
    "产品",
    "速率",
    "月费",
    "入网日期",
    "到期日期",
    "状态",
]
PROJECTS = [
    "项目编码",
    "网格",
    "项目名称",
    "项目详细地址",
    "建成时间",
    "项目性质",
    "覆盖户数",
    "接入方式",
    "端口数",
    "入住情况",
    "市场份额",
    "代理商",
]
PEOPLE = ["工号", "姓名", "联系电话", "角色", "经营单位", "网格"]
AGENTS = ["代理商编码", "代理商名称", "业务人员", "联系电话", "岗位"]
OUTLETS = ["受理点编码", "网格", "受理点名称", "地址", "店老板", "联系电话", "坐店人员", "周边项目编码", "经度", "纬度"]
INDICATORS = ["月份", "项目编码", "项目名称", "出账用户数", "出账收入", "净增用户", "端口数", "占用端口数"]
TARGETS = ["月份", "网格", "发展", "净增", "续费", "端口资源利用率"]


def subscriber(account: Any, project: Any = "P000001", **other: Any) -> list[Any]:
    """A row of 用户名册; ``other`` names its cells by their headers."""
    cells = {
        "用户账号": account,
        "用户姓名": "王芳",
        "联系电话": "19900000001",
        "装机地址": "锦绣花园1栋",
        "项目编码": project,
        "项目名称": "锦绣花园",
        "产品": "宽带200M",
        "速率": "200M",
        "月费": 99,
        "入网日期": date(2024, 12, 1),
        "到期日期": date(2026, 12, 1),
        "状态": "在用",
    }
    return list({**cells, **other}.values())


def book(rows: Sequence[Sequence[Any]], *, title: str = "表", epoch_1904: bool = False) -> bytes:
    """A workbook with these rows, from its first row on."""
    made = Workbook()
    if epoch_1904:
        made.epoch = MAC_EPOCH
    sheet: Any = made.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def upload(content: bytes, name: str = "名册.xlsx") -> ContentFile[bytes]:
    """As a browser sends it."""
    return ContentFile(content, name)


def sheet_xml(data: bytes, extra: bytes = b"") -> bytes:
    """A workbook whose only sheet holds exactly this XML in its ``sheetData``."""
    return rewritten(
        book([["x"]]),
        lambda name, old: (
            b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b"<sheetData>" + data + b"</sheetData>" + extra + b"</worksheet>"
            if name == "xl/worksheets/sheet1.xml"
            else old
        ),
    )


def rewritten(content: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """The workbook with each member passed through ``change``, and some more members."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def cells(content: bytes) -> list[list[Any]]:
    """All cells of the first sheet."""
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]
