import re

from couchmapper.embedded.uuids import SequentialUUIDs


def test_ids_are_32_hexadecimal_digits_that_grow():
    new_id = SequentialUUIDs()

    made = [new_id() for _ in range(100)]

    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)
    assert made == sorted(set(made))
    assert len({one[:26] for one in made}) == 1


def test_when_the_digits_run_out_there_is_a_new_beginning():
    new_id = SequentialUUIDs()

    made = [new_id() for _ in range(20_000)]

    assert len(set(made)) == 20_000
    assert len({one[:26] for one in made}) > 1


def test_two_makers_have_different_beginnings():
    assert SequentialUUIDs()()[:26] != SequentialUUIDs()()[:26]
