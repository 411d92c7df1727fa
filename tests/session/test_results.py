"""Results of a bulk write are those of the documents that were sent, or none."""

import pytest

from couchmapper.exceptions import InvalidAnswer
from couchmapper.session.results import confirmed

STORED = {"ok": True, "id": "a", "rev": "1-a"}
REFUSED = {"id": "b", "error": "conflict", "reason": "Document update conflict."}


def test_a_result_for_each_document_in_its_order_is_returned():
    assert confirmed([STORED, REFUSED], ["a", "b"]) == [STORED, REFUSED]


@pytest.mark.parametrize(
    "results",
    [
        None,
        {"ok": True},
        [],
        [STORED],
        [REFUSED, STORED],
        [STORED, REFUSED, STORED],
        [STORED, {"id": "b"}],
        [1, 2],
    ],
    ids=str,
)
def test_anything_else_is_no_answer(results):
    with pytest.raises(InvalidAnswer, match="_bulk_docs"):
        confirmed(results, ["a", "b"])
