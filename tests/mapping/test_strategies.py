"""What `on_conflict=` may be."""

from typing import Any

import pytest

from couchmapper.exceptions import ModelError
from couchmapper.mapping import Document
from couchmapper.mapping.metadata import metadata_of
from couchmapper.mapping.strategies import checked_strategy


@pytest.mark.parametrize("strategy", ["raise", "merge", "mine", "theirs", max, None])
def test_a_strategy_is_a_name_or_a_function(strategy: Any):
    assert checked_strategy(strategy) is strategy


@pytest.mark.parametrize("odd", ["Merge", "ours", "", 5, ["merge"], False])
def test_what_means_nothing_is_refused(odd: Any):
    with pytest.raises(ModelError, match=r"on_conflict= is one of raise, merge, mine, theirs, or a function"):
        checked_strategy(odd)


def test_a_model_has_none_unless_it_says_so():
    class Note(Document):
        pass

    assert metadata_of(Note).on_conflict is None


def test_subclasses_inherit_the_strategy_and_may_have_their_own():
    class Counted(Document, abstract=True, on_conflict="merge"):
        pass

    class Stamped(Document, abstract=True):
        pass

    class Page(Stamped, Counted):
        pass

    class Draft(Page, on_conflict="mine"):
        pass

    assert metadata_of(Page).on_conflict == "merge"
    assert metadata_of(Draft).on_conflict == "mine"


def test_a_model_that_names_an_odd_strategy_is_refused():
    with pytest.raises(ModelError, match="got 'ours'"):

        class Odd(Document, on_conflict="ours"):
            pass
