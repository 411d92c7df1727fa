"""Which code points CouchDB takes for one sign; what it finds itself is in the conformance tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.mango.clusters import are_joined, ends_always

signs = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize(
    "pair",
    [
        "e\u0301",
        "क\u093f",
        "a\u20dd",
        "a\u200d",
        "a\u200c",
        "ก\u0e33",
        "カ\uff9e",
        "👍\U0001f3fd",
        "🏴\U000e0067",
        "❤\ufe0f",
        "\u0301\u0308",
        "\u0600a",
        "\u0600\u0301",
        "\u0d4eക",
        "\r\n",
        "🇩🇪",
        "\u1100\u1100",
        "\u1100\u1161",
        "\u1100가",
        "\u1100각",
        "\u1161\u1161",
        "\u1161\u11a8",
        "가\u1161",
        "가\u11a8",
        "각\u11a8",
        "\u11a8\u11a8",
        "\ua960\ud7b0",
        "\ud7b0\ud7cb",
    ],
    ids=ascii,
)
def test_a_pair_is_one_sign(pair: str):
    assert are_joined(*pair)


@pytest.mark.parametrize(
    "pair",
    [
        "ab",
        "a\n",
        "\n\n",
        "\n\r",
        "\r\r",
        "\r\u0301",
        "\n\u0301",
        "\u200b\u0301",
        "\u00ad\u0301",
        "\u2065\u0301",
        "a\u102b",
        "a\u1038",
        "เก",
        "क\u0915",
        "\u094dक",
        "\u0600\n",
        "\u0600\u2028",
        "a\u0600",
        "🇩a",
        "👩👩",
        "\u1100a",
        "\u1161\u1100",
        "가\u1100",
        "가각",
        "각\u1161",
        "\u11a8\u1161",
        "\u11a8가",
        "\u11a8a",
    ],
    ids=ascii,
)
def test_a_pair_is_two_signs(pair: str):
    assert not are_joined(*pair)


def test_only_the_pair_counts_as_in_erlang():
    flag, joiner = "🇩🇪", "\u200d"

    assert are_joined(flag[1], "🇫")
    assert not are_joined(joiner, "👩")


@given(signs, signs)
def test_nothing_is_joined_to_what_always_ends(sign: str, behind: str):
    assert not (ends_always(sign) and are_joined(sign, behind))


@given(signs)
def test_what_does_not_always_end_takes_a_mark_or_is_a_carriage_return(sign: str):
    assert ends_always(sign) != (are_joined(sign, "\u0301") or sign == "\r")


@given(st.characters(categories=["Mn", "Me"]), signs)
def test_a_mark_without_room_belongs_to_what_is_before_it(mark: str, sign: str):
    assert are_joined(sign, mark) == (not ends_always(sign) and sign != "\r")
