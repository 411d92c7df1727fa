"""Names of partitions, and ids in them."""

from typing import Any

import pytest

from couchmapper.embedded.engine.partitions import (
    check_partition,
    check_partitioned_id,
    expect_partition,
    ids_within,
    partition_of,
)
from couchmapper.exceptions import BadRequest, IllegalDocumentId


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (5, "Partition must be a string"),
        (None, "Partition must be a string"),
        ("", "Partition must not be empty"),
        ("_a", "Partition must not start with an underscore"),
        ("a:b", "Partition must not contain a colon"),
    ],
    ids=["number", "null", "empty", "underscore", "colon"],
)
def test_what_is_no_partition_is_refused(name: Any, reason: str):
    with pytest.raises(BadRequest) as caught:
        check_partition(name)

    assert (caught.value.error, caught.value.reason) == ("illegal_partition", reason)


@pytest.mark.parametrize("document_id", ["a:1", "a:b:c", "a::", "é:1", "a/b: ", "_design/x", "_local/x"])
def test_an_id_has_a_partition_and_a_key(document_id: str):
    check_partitioned_id(document_id)


@pytest.mark.parametrize(
    ("document_id", "error", "reason"),
    [
        ("plain", "illegal_docid", "Doc id must be of form partition:id"),
        (":x", "illegal_partition", "Partition must not be empty"),
        ("a:", "illegal_docid", "Document id must not be empty"),
        ("a:_x", "illegal_docid", "Only reserved document ids may start with underscore."),
    ],
    ids=["plain", "no-partition", "no-key", "underscore"],
)
def test_other_ids_are_refused(document_id: str, error: str, reason: str):
    with pytest.raises(BadRequest) as caught:
        check_partitioned_id(document_id)

    assert (caught.value.error, caught.value.reason) == (error, reason)


def test_an_id_that_is_looked_up_needs_no_more_than_a_colon():
    expect_partition(":x")
    expect_partition("_x")
    with pytest.raises(IllegalDocumentId):
        expect_partition("plain")


def test_a_partition_is_a_range_of_ids():
    ids = ids_within("a")

    assert (ids.first, ids.last, ids.last_included) == ("a:", "a;", False)
    assert partition_of("a:b:c") == "a"
