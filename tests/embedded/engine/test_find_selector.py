"""Selectors as a query needs them."""

from couchmapper.embedded.engine.find_selector import read_selector


def test_what_never_matches_is_known():
    assert read_selector({"a": {"$in": []}}).is_never
    assert read_selector({"$and": []}).is_never
    assert not read_selector({}).is_never
