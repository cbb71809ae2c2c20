"""What docs/channels.md draws is what the code goes by (C1, C10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.channels.course_drawing import DRAWINGS


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_drawing_in_the_docs_is_the_data(name: str) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "channels.md").read_text()
    drawn = text.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]
    assert drawn.strip() == DRAWINGS[name](), "python -m tests.channels.course_drawing prints what belongs there"
