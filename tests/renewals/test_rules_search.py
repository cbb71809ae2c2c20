"""What words may be: read purely."""

from __future__ import annotations

import pytest

from renewals.rules_search import Words, place_of


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("19900001111", "19900001111"),
        ("１９９００００１１１１", "19900001111"),
        (" 199 0000 1111 ", "19900001111"),
        ("+86 199-0000-1111", "19900001111"),
        ("8619900001111", "19900001111"),
        ("028-85550001", "02885550001"),
        ("1990000", "1990000"),
        ("199000", ""),
        ("王芳", ""),
        ("3-2-501", ""),
    ],
)
def test_a_number_is_read_whole_or_by_its_beginning(typed: str, number: str) -> None:
    assert Words.read(typed).number == number


def test_four_digits_may_be_the_end_of_a_number() -> None:
    assert Words.read("1234").tail == "1234"
    assert Words.read("12345").tail == Words.read("12a4").tail == ""


@pytest.mark.parametrize(
    ("typed", "account", "name"),
    [("0281", "0281", ""), ("王 芳", "", "王 芳"), ("Li", "Li", "Li"), ("李3", "", ""), ("", "", "")],
)
def test_accounts_and_names_are_told_apart_by_digits(typed: str, account: str, name: str) -> None:
    words = Words.read(typed)
    assert (words.account, words.name) == (account, name)


@pytest.mark.parametrize(
    ("typed", "name", "rest"),
    [
        ("锦绣花园 3栋2单元", "锦绣花园", "3栋2单元"),
        ("锦绣花园3栋2单元501", "锦绣花园", "3栋2单元501"),
        ("锦绣花园3栋", "锦绣花园一期", "3栋"),
        ("锦绣花园一期3栋", "锦绣花园一期", "3栋"),
        ("锦绣花园", "锦绣花园一期", ""),
        ("锦绣花园 王芳", "锦绣花园", "王芳"),
        ("锦绣花园33栋", "锦绣花园3", "33栋"),
        ("锦绣花园3栋2单元", "锦绣花园3", "3栋2单元"),
        ("锦绣花园3期5栋", "锦绣花园3期", "5栋"),
        ("翠湖", "锦绣花园", None),
        ("3栋2单元501", "锦绣花园", None),
    ],
)
def test_what_stands_behind_a_project_is_looked_for_in_it(typed: str, name: str, rest: str | None) -> None:
    found = Words.read(typed).after((name, "P000001"))
    assert found == rest


def test_a_project_goes_by_its_code_too() -> None:
    assert Words.read("p000001 3栋").after(("锦绣花园", "P000001")) == "3栋"


@pytest.mark.parametrize(
    ("typed", "address", "fits"),
    [
        ("3栋2单元501", "锦绣花园3栋2单元501", True),
        ("3栋2单元501", "锦绣花园 3幢 2单元 501室", True),
        ("3栋2单元501", "锦绣花园3号楼2单元501", True),
        ("3栋", "锦绣花园13栋2单元501", False),
        ("3栋", "春熙路13号锦绣花园3栋", True),
        ("3栋2单元5", "锦绣花园3栋2单元501", True),
        ("2单元3栋", "锦绣花园3栋2单元501", False),
        ("3-2-501", "锦绣花园3栋2单元501", True),
        ("3-2-501", "锦绣花园35栋2单元501", False),
        ("3-2-501", "锦绣花园3-2-501", True),
        ("3栋12单元", "锦绣花园３栋１２单元", True),
        ("春熙路8号3栋", "成都市春熙路8号3栋1单元", True),
        ("春熙路8号3栋", "成都市人民路8号3栋1单元", False),
    ],
)
def test_an_address_is_known_by_its_parts_in_order(typed: str, address: str, fits: bool) -> None:
    place = Words.read(typed).place
    assert place is not None
    assert place.fits(address) is fits


def test_words_without_a_number_are_no_address() -> None:
    assert place_of("锦绣花园") is None


@pytest.mark.parametrize("typed", ["19900001111", "199 0000 1111", "0281", "12", "U-300", "028-85550001"])
def test_numbers_and_accounts_are_no_address(typed: str) -> None:
    assert Words.read(typed).place is None
