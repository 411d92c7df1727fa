import pytest

from couchmapper.embedded.engine.sequences import parse_since, sequence
from couchmapper.exceptions import BadRequest

HERE = "0123456789abcdef"
ELSEWHERE = "fedcba9876543210"


def test_a_sequence_begins_with_its_number():
    assert sequence(12, HERE) == "12-0123456789abcdef"


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("now", 7), (f"5-{HERE}", 5), (f"99-{HERE}", 99)])
def test_since_means_a_number(text: str, number: int):
    assert parse_since(text, uuid=HERE, update_seq=7) == number


def test_the_sequence_of_another_database_means_the_beginning():
    assert parse_since(f"5-{ELSEWHERE}", uuid=HERE, update_seq=7) == 0


@pytest.mark.parametrize(
    "text", ["", "3", "00", "-1", "abc", "5-garbage", "0-", "null", f"x-{HERE}", f"٣-{HERE}"]
)
def test_any_other_text_is_refused(text: str):
    with pytest.raises(BadRequest, match="Malformed sequence supplied in 'since' parameter"):
        parse_since(text, uuid=HERE, update_seq=7)
