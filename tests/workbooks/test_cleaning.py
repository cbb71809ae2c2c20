"""What people type, made plain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridops.workbooks.cleaning import (
    CellFault,
    Noted,
    fixed,
    number_text,
    tidy,
    tidy_all,
    to_date,
    to_decimal,
    to_integer,
    to_month,
    to_names,
    to_percent,
    to_phone,
)

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
FULL_WIDTH = {ord(str(n)): chr(0xFF10 + n) for n in range(10)}


def plain(value: Any) -> Any:
    """The value, whether or not it carries a note."""
    return value.value if isinstance(value, Noted) else value


def code(read: Any, value: Any, **options: Any) -> str:
    with pytest.raises(CellFault) as caught:
        read(value, **options)
    return caught.value.code


@given(DAYS)
def test_a_day_in_any_shape_reads_the_same(day: date) -> None:
    shapes: list[Any] = [
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f" {day.year}年 {day.month} 月\n{day.day}日\u3000",
        f"{day:%Y%m%d}",
        float(f"{day:%Y%m%d}"),
        f"{day.isoformat()} 00:00:00",
        day.isoformat().translate(FULL_WIDTH),
        float((day - date(1899, 12, 30)).days),
    ]
    assert {plain(to_date(shape)) for shape in shapes} == {day.isoformat()}


@given(DAYS)
def test_serials_count_from_the_epoch_of_the_workbook(day: date) -> None:
    assert plain(to_date(float((day - date(1904, 1, 1)).days), epoch_1904=True)) == day.isoformat()
    assert plain(to_date(float((day - date(1899, 12, 30)).days))) == day.isoformat()


def test_the_day_that_never_was_is_refused() -> None:
    assert code(to_date, 60.0) == "date_range"  # Excel's 29 February 1900
    assert code(to_date, "1900-02-29") == "not_date"


@pytest.mark.parametrize("value", ["2026-13-01", "2026-02-30", "03/04/2026", "下周", "2026", -1.0, 3e9])
def test_what_is_no_day_is_refused(value: Any) -> None:
    assert code(to_date, value) in {"not_date", "date_range"}


def test_a_time_of_day_is_dropped_and_noted() -> None:
    read = to_date("2026-11-03 14:30:00")
    assert isinstance(read, Noted)
    assert (read.value, read.code) == ("2026-11-03", "time_dropped")


@pytest.mark.parametrize(
    "value", ["2026-11", "2026年11月", "2026年11月份", "2026.11", 2026.11, "202611", 202611.0, "2026/11", "2026-11-01"]
)
def test_a_month_in_any_shape_is_its_first_day(value: Any) -> None:
    assert plain(to_month(value)) == "2026-11-01"


def test_a_month_typed_as_a_number_that_may_be_two_is_refused() -> None:
    assert code(to_month, 2026.1) == "not_month"  # January, or October without its zero


def test_a_day_in_a_month_column_is_noted() -> None:
    read = to_month("2026-11-15")
    assert isinstance(read, Noted)
    assert (read.value, read.code) == ("2026-11-01", "month_of_day")


@given(st.decimals(Decimal("1.01"), 100, places=2))
def test_a_percentage_in_any_shape_reads_the_same(percent: Decimal) -> None:
    shapes: list[Any] = [
        f"{percent}%",
        f"{percent}%",
        float(percent),
        str(percent),
        float(percent / 100),
        f" {percent} % ",
    ]
    assert {plain(to_percent(shape)) for shape in shapes} == {f"{percent:.2f}"}


def test_a_fraction_is_read_as_a_percentage_and_noted() -> None:
    read = to_percent(0.85)
    assert isinstance(read, Noted)
    assert (read.value, read.code, read.params["read"]) == ("85.00", "read_percent", "85")
    assert not isinstance(to_percent("0.5%"), Noted)
    assert to_percent(0.0) == "0.00"


@pytest.mark.parametrize("value", ["101%", -1.0, 130.0, "高", "nan"])
def test_what_is_no_percentage_is_refused(value: Any) -> None:
    assert code(to_percent, value) == "not_percent"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_phone_in_any_shape_reads_the_same(phone: str) -> None:
    shapes: list[Any] = [
        phone,
        float(phone),
        phone.translate(FULL_WIDTH),
        f"{phone[:3]} {phone[3:7]} {phone[7:]}",
        f"+86{phone}",
        f"\u3000{phone}\n",
    ]
    assert {to_phone(shape) for shape in shapes} == {phone}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("028-86543210", "02886543210"),
        ("(028)8654 3210", "02886543210"),
        ("86543210", "86543210"),
        ("400-810-0000", "4008100000"),
    ],
)
def test_landlines_are_phones(value: str, read: str) -> None:
    assert to_phone(value) == read


@pytest.mark.parametrize("value", ["12345", "1990000000a", 1.99e10 + 0.5, "0"])
def test_what_is_no_phone_is_refused(value: Any) -> None:
    assert code(to_phone, value) == "not_phone"


def test_ids_stay_text_and_lost_digits_are_refused() -> None:
    assert number_text(19900001234.0) == "19900001234"
    assert number_text("0280001") == "0280001"
    assert code(number_text, 5.10104199001011e17) == "digits_lost"


def test_numbers_are_read_as_typed() -> None:
    assert to_decimal("1,234.50") == Decimal("1234.50")
    assert to_integer("1200") == to_integer(1200.0) == to_integer(" 1 200 ") == 1200
    assert code(to_integer, 1.5) == code(to_integer, "多") == "not_integer"
    assert fixed(Decimal("-0.001"), 2) == "0.00"


def test_names_in_one_cell_are_parted() -> None:
    assert to_names(" 王芳、李娜,赵强;王芳\n周明 ") == ["王芳", "李娜", "赵强", "周明"]


@given(st.lists(st.text(st.characters(exclude_characters="\0"), max_size=12), min_size=1, max_size=20))
def test_a_whole_column_is_tidied_as_each_cell_would_be(texts: list[str]) -> None:
    assert tidy_all("\0".join(texts)) == [tidy(text) for text in texts]


@given(st.text(max_size=30))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_a_percentage_next_to_nothing_is_noted_in_few_digits() -> None:
    read = to_percent("1e-99")
    assert isinstance(read, Noted)
    assert (read.value, read.params["read"]) == ("0.00", "0")
