import pytest

from couchmapper.embedded.engine.accepting import accepted

RELATED = "multipart/related"


@pytest.mark.parametrize(
    "header",
    [RELATED, "*/*", "multipart/*;q=0.1", "application/json, Multipart/Related", "*/*;q=0, multipart/*"],
)
def test_a_type_is_accepted_by_its_name_or_its_kind(header):
    assert accepted(header, RELATED)


@pytest.mark.parametrize(
    "header", [None, "", "application/json", "multipart/mixed", "*/*, multipart/related;q=0", "*/*;q=0.0"]
)
def test_a_type_that_nobody_names_is_not(header):
    assert not accepted(header, RELATED)


@pytest.mark.parametrize(
    ("header", "is_accepted"),
    [("gzip", True), ("deflate, gzip;q=0.1", True), ("*", True), ("gzip;q=0, *", False), ("identity", False)],
)
def test_encodings_have_a_star_too(header, is_accepted):
    assert accepted(header, "gzip") == is_accepted
