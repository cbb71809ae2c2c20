"""What people type, made plain: pure functions on single values, and one on a whole column."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

SURE_DIGITS = 10**15  # a double holds 15 decimal digits
MOST_PLACES = 400  # of a number, before or behind the point; a double has no more
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(2199, 12, 31)

_NUL = "\0"
_UNTIDY = re.compile(r"[\x01-\x1f\x7f-\xa0\u200b-\u200f\u2028\u2029\u3000\ufeff]|  | \0|\0 |\A | \Z")
_SPACES = re.compile(r"[ \x01-\x1f\x7f-\xa0\u2028\u2029\u3000]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\ufeff]")
_EDGES = re.compile(r" ?\0 ?")
_DAY = re.compile(
    r"(\d{4})\s?[-./年]\s?(\d{1,2})\s?[-./月]\s?(\d{1,2})\s?日?(?:[ T]?(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?"
)
_DIGITS_8 = re.compile(r"(?:19|20|21)\d{6}")
_PHONE_MARKS = re.compile(r"[\s\-‐-―()./·]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}|[2-9]\d{6,7}")
_SPLIT = re.compile(r"\s*[、,;/|]\s*|\s+")
_NUMBER_MARKS = re.compile(r"[\s,]+")


class CellFault(Exception):
    """A value that can't be taken: a code of ``faults.py`` and its parameters."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Noted:
    """A value that could be read two ways, the one taken, and the note that says so."""

    __slots__ = ("code", "params", "value")

    def __init__(self, value: object, code: str, /, **params: object) -> None:
        self.value, self.code, self.params = value, code, params


def tidy(text: str) -> str:
    """Full-width forms made plain (NFKC), line breaks and runs of spaces to one space, none at the ends."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip(" ")


def number_text(value: object) -> str:
    """A cell as text: ``19900001234.0`` is 19900001234. CellFault when its last digits are lost."""
    if isinstance(value, float | int):
        if abs(value) >= SURE_DIGITS:
            raise CellFault("digits_lost")
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)


def tidy_all(joined: str) -> list[str]:
    """``tidy`` for a whole column, its cells joined by NUL, in a few passes."""
    if not joined.isascii():
        joined = unicodedata.normalize("NFKC", joined)
    if _UNTIDY.search(joined):
        joined = _EDGES.sub(_NUL, _SPACES.sub(" ", _INVISIBLE.sub("", joined))).strip(" ")
    return joined.split(_NUL)


def _shown(value: object) -> str:
    return (number_text(value) if isinstance(value, float) and abs(value) < SURE_DIGITS else str(value))[:60]


def to_decimal(value: object) -> Decimal:
    """A number as typed: 1,234.5, full-width digits, a float without its binary noise."""
    if isinstance(value, float | int):
        return Decimal(repr(value))
    try:
        number = Decimal(_NUMBER_MARKS.sub("", tidy(str(value))))
    except InvalidOperation:
        raise CellFault("not_number", value=_shown(value)) from None
    if not number.is_finite() or abs(number.adjusted()) > MOST_PLACES:
        raise CellFault("not_number", value=_shown(value))
    return number


def to_integer(value: object) -> int:
    """A whole number; 12.0 is one."""
    try:
        number = to_decimal(value)
    except CellFault:
        raise CellFault("not_integer", value=_shown(value)) from None
    if number != number.to_integral_value() or abs(number) >= SURE_DIGITS:
        raise CellFault("not_integer", value=_shown(value))
    return int(number)


def fixed(number: Decimal, places: int) -> str:
    """The number as text with exactly ``places`` decimals, as a DECIMAL column gives it back; never "-0"."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return str(abs(rounded) if rounded == 0 else rounded)


def to_percent(value: object) -> str | Noted:
    """A percentage from 0 to 100 as text with two decimals.

    85 % and 85 are 85.00; a bare number up to 1 is read as a fraction, and noted.
    """
    text = "" if isinstance(value, float | int) else tidy(str(value))
    sign = text.endswith("%")
    try:
        number = to_decimal(text.rstrip("% ") if text else value)
    except CellFault:
        raise CellFault("not_percent", value=_shown(value)) from None
    fraction = not sign and 0 < number <= 1
    number = number * 100 if fraction else number
    if not 0 <= number <= 100:
        raise CellFault("not_percent", value=_shown(value))
    read = fixed(number, 2)
    return Noted(read, "read_percent", value=_shown(value), read=f"{Decimal(read).normalize():f}") if fraction else read


def _day(year: int, month: int, day: int, shown: str) -> str:
    try:
        found = date(year, month, day)
    except ValueError:
        raise CellFault("not_date", value=shown) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise CellFault("date_range", value=shown)
    return found.isoformat()


def _serial(number: float, *, epoch_1904: bool, shown: str) -> str:
    try:
        found = (EPOCH_1904 if epoch_1904 else EPOCH_1900) + timedelta(days=int(number))
    except OverflowError:
        raise CellFault("not_date", value=shown) from None
    # Excel's 1900 has a 29 February (serial 60) that never was; the whole year is out of range here.
    if not FIRST_DAY <= found <= LAST_DAY:
        raise CellFault("date_range", value=shown)
    return found.isoformat()


def to_date(value: object, *, epoch_1904: bool = False) -> str | Noted:
    """A day as ISO text: 2026-11-03, 2026.11.3, 2026/11/3, 2026年11月3日, 20261103, or a serial number of days."""
    shown = _shown(value)
    text = shown if isinstance(value, float | int) else tidy(str(value))
    if found := _DAY.fullmatch(text):
        read = _day(int(found[1]), int(found[2]), int(found[3]), shown)
        time = (found[4] or "").strip("0:.")
        return Noted(read, "time_dropped", value=shown, read=read) if time else read
    if _DIGITS_8.fullmatch(text):
        read = _day(int(text[:4]), int(text[4:6]), int(text[6:]), shown)
        return Noted(read, "read_digits", value=shown, read=read)
    if isinstance(value, float | int):
        read = _serial(value, epoch_1904=epoch_1904, shown=shown)
        return Noted(read, "read_serial", value=shown, read=read)
    if re.fullmatch(r"[2-7]\d{4}", text):
        read = _serial(int(text), epoch_1904=epoch_1904, shown=shown)
        return Noted(read, "read_serial", value=shown, read=read)
    raise CellFault("not_date", value=shown)


_CLOCK = re.compile(r"(\d{1,2})(?:\s?[:.点时]\s?(\d{2})?(?::\d{2}(?:\.0+)?)?)?\s?分?")
_WEEKDAYS = "一二三四五六日"
_NO_WEEKDAY = re.compile(r"(?:星期|礼拜|每周|周)|[、,,;;/\s]+|休息?|无")


def to_clock(value: object) -> str:
    """A time of day as ISO text: 9:00, 09:00:00, 9点, 9点30分, or Excel's part of a day (0.375)."""
    shown = _shown(value)
    if isinstance(value, float) and 0 <= value < 1:
        minutes = round(value * 24 * 60)
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}:00"
    found = _CLOCK.fullmatch(tidy(shown).replace("半", "30分"))
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise CellFault("not_clock", value=shown)
    return f"{hour:02d}:{minute:02d}:00"


def to_weekdays(value: object) -> str:
    """Days of the week as their numbers in order, 1 is Monday: 周六、周日, 六日, 67; 无 (none) is empty."""
    shown = _shown(value)
    text = _NO_WEEKDAY.sub("", tidy(number_text(value))).replace("天", "日").replace("末", "六日")
    days = {_WEEKDAYS.index(one) + 1 if one in _WEEKDAYS else int(one) if one in "1234567" else 0 for one in text}
    if 0 in days:
        raise CellFault("not_weekdays", value=shown)
    return "".join(map(str, sorted(days)))


_MONTH = re.compile(r"(\d{4})\s?[-./年]\s?(\d{1,2})\s?(?:月份?)?|((?:19|20|21)\d{2})([01]\d)")


def to_month(value: object, *, epoch_1904: bool = False) -> str | Noted:
    """A month as the ISO text of its first day: 2026-11, 2026年11月, 2026.11, 202611, or any day of it."""
    shown = _shown(value)
    text = shown if isinstance(value, float | int) else tidy(str(value))
    found = _MONTH.fullmatch(text)
    if found and isinstance(value, float) and re.fullmatch(r"\d{4}\.\d", text):
        raise CellFault("not_month", value=shown)  # 2026.1 may have been 2026.10
    try:
        if found:
            return _day(int(found[1] or found[3]), int(found[2] or found[4]), 1, shown)
        day = to_date(value, epoch_1904=epoch_1904)
    except CellFault:
        raise CellFault("not_month", value=shown) from None
    read = str(day.value if isinstance(day, Noted) else day)
    first = f"{read[:7]}-01"
    return (
        first
        if read == first and not isinstance(day, Noted)
        else Noted(first, "month_of_day", value=shown, read=read[:7])
    )


def to_phone(value: object) -> str:
    """A telephone number as digits: a mobile, a landline with or without area code, 400 and 800."""
    if isinstance(value, str) and _MOBILE.fullmatch(value):
        return value
    digits = _PHONE_MARKS.sub("", tidy(number_text(value)))
    digits = digits.removeprefix("+86") if digits.startswith("+86") else digits
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    if not _PHONE.fullmatch(digits):
        raise CellFault("not_phone", value=_shown(value))
    return digits


def to_names(value: object) -> list[str]:
    """Names or codes that stand in one cell, parted by 、 , ; / or spaces; each once, in order."""
    return list(dict.fromkeys(part for part in _SPLIT.split(tidy(number_text(value))) if part))
