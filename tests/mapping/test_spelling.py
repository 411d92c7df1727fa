"""What was meant by a name that is not there."""

import pytest

from couchmapper.mapping.spelling import suggestion


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("statsu", "; did you mean 'status'?"),
        ("like", "; write contains(...), startswith(...) or endswith(...)"),
        ("colour", ""),
    ],
)
def test_a_name_leads_to_what_was_meant(name: str, advice: str):
    assert suggestion(name, ["status", "number"]) == advice
