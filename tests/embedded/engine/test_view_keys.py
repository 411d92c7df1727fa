"""Raw keys: Erlang's order."""

from hypothesis import given
from hypothesis import strategies as st

from couchmapper.embedded.engine.view_keys import raw_key
from couchmapper.mango.comparison import erlang_term

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(values, values)
def test_keys_order_as_erlang_orders_terms(left, right):
    assert (raw_key(left) < raw_key(right)) == (erlang_term(left) < erlang_term(right))


def test_types_have_their_places():
    mixed = ["é", {"a": 1}, [], None, "a", 2.5, True, ["a"], "A", {}, -1, "", False]
    ordered = [-1, 2.5, False, None, True, {}, {"a": 1}, [], ["a"], "", "A", "a", "é"]

    assert sorted(mixed, key=raw_key) == ordered
