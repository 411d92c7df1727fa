"""Lines of a credentials file mean what a shell would read, and what the SDK's files have always meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.credentials_file import Line, parse


def values(text: str) -> dict[str, str]:
    lines = list(parse(text))
    assert not [line for line in lines if line.fault]
    return {line.name: line.text for line in lines}


def quoted(value: str) -> str:
    """Write a value in double quotes, as the module says."""
    protected = "".join(f"\\{character}" if character in '"\\$`' else character for character in value)
    return f'"{protected}"'


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("A = 1 ", "1"),
        ("export A=1", "1"),
        ("  export   A=1\r", "1"),
        ("A=1 # a comment", "1"),
        ("A= # a comment", ""),
        ("A=", ""),
        ("A=pass#word", "pass#word"),
        ("A=#word", "#word"),
        ("A=a=b==", "a=b=="),
        ("A=it's", "it's"),
        ('A=say "no"', 'say "no"'),
        ("A=two words", "two words"),
        ("A=back\\slash", "back\\slash"),
        ("A='a # b'", "a # b"),
        ("A='a' # b", "a"),
        ('A="a # b"  # c', "a # b"),
        ("A=' spaces '", " spaces "),
        ("A='back\\slash'", "back\\slash"),
        (r'A="C:\new\table"', r"C:\new\table"),
        (r'A="a \"quote\""', 'a "quote"'),
        (r'A="a \\ \$ \`"', r"a \ $ `"),
        ("A=''", ""),
        ("A=$HOME", "$HOME"),
    ],
)
def test_a_value_is_read_as_written(line: str, value: str):
    assert values(line) == {"A": value}


@pytest.mark.parametrize("line", ["", "   ", "# A=1", "  #A=1", "#"])
def test_comments_and_empty_lines_mean_nothing(line: str):
    assert values(line) == {}


@pytest.mark.parametrize(
    "line", ["A='open", 'A="open', "A='a'b", 'A="a"b"', 'A="a\\"', "A='it's'", "A='a'# b"]
)
def test_quotes_that_do_not_fit_are_a_fault_that_does_not_show_the_value(line: str):
    (found,) = parse(line)

    assert "quote" in found.fault
    assert not found.text
    assert "open" not in repr(found)


def test_a_line_without_an_equals_sign_is_a_fault():
    assert list(parse("CLOUDANT_URL")) == [Line(number=1, name="CLOUDANT_URL", fault="expected NAME=value")]


def test_lines_are_counted_from_one_with_the_empty_ones():
    assert [(line.number, line.name) for line in parse("\n# x\nA=1\n\nB=2\n")] == [(3, "A"), (5, "B")]


def test_a_representation_shows_no_value():
    assert "s3cr3t" not in repr(next(parse("A=s3cr3t")))


HOSTILE = st.text(st.sampled_from("\"'#= \\$`\té\r\x0b\x1c\u2028\U0001f511aexport"), max_size=12).filter(
    lambda text: "\n" not in text
)


NAMES = st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True)


@given(st.dictionaries(NAMES, HOSTILE, max_size=4), st.sampled_from(["", "export "]))
def test_whatever_is_written_in_quotes_comes_back(settings: dict[str, str], begin: str):
    text = "".join(f"{begin}{name}={quoted(value)}  # note\n" for name, value in settings.items())

    assert values(text) == settings


@given(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=20))
def test_no_line_makes_parsing_fail(line: str):
    assert len(list(parse(line))) <= 1
