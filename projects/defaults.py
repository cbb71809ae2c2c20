"""What an empty database starts with: the handbook's operators, and a first list of preparation steps (P3, F2)."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from projects.models import Operator, PreparationTemplate, Stage

OPERATORS = ("电信", "移动", "长宽", "艾普", "其他")

# (stage, step, days from the stage's planned day); *ours*: the handbook only asks that preparation runs alongside.
PREPARATIONS = (
    (Stage.APPROVAL, "核实楼盘户数、入住进度与已进驻运营商", -20),
    (Stage.APPROVAL, "提交立项申请并附收益测算", -10),
    (Stage.AGREEMENT, "约见开发商或物业负责人,说明接入方案", -15),
    (Stage.AGREEMENT, "议定物业返利并签订进场协议", 0),
    (Stage.BUILDING, "确认施工单位与进场时间,告知物业", -5),
    (Stage.BUILDING, "现场核对管道、机房与取电", 0),
    (Stage.ACCEPTED, "随验收核对端口数与覆盖楼栋", 0),
    (Stage.LIVE, "确定归属代理商并培训业务人员", -15),
    (Stage.LIVE, "备齐海报、楼道贴与公示牌", -7),
    (Stage.LIVE, "告知周边受理点资源与资费", -3),
    (Stage.LIVE, "排定首月促销场次", -3),
)


def fill(using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """Give empty tables their first rows; what admins have made of them since is left alone. Runs after migrating."""
    if Operator._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before they came
    if not Operator.objects.exists():
        Operator.objects.bulk_create(Operator(name=name, position=at) for at, name in enumerate(OPERATORS, start=1))
    if not PreparationTemplate.objects.exists():
        PreparationTemplate.objects.bulk_create(
            PreparationTemplate(stage=stage, title=title, days=days, position=at)
            for at, (stage, title, days) in enumerate(PREPARATIONS, start=1)
        )
