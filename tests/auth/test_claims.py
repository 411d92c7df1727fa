import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.claims import read_claims, segment

JSON_OBJECTS = st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none())


@given(claims=JSON_OBJECTS)
def test_claims_are_read_as_they_were_written(claims):
    token = ".".join([segment(b"{}"), segment(json.dumps(claims).encode()), segment(b"signature")])

    assert read_claims(token) == claims


@given(text=st.text())
def test_any_text_may_be_a_token(text):
    assert isinstance(read_claims(text), dict)


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.b.c", "é.é.é", f"x.{segment(b'[1]')}.y"])
def test_a_token_that_is_no_jwt_has_no_claims(token):
    assert read_claims(token) == {}
