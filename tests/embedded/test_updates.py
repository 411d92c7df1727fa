import math
import threading
import time

from couchmapper.embedded.updates import Updates


def waits(updates: Updates, seen: int, seconds: float) -> float:
    begun = time.monotonic()
    updates.wait(seen, seconds)
    return time.monotonic() - begun


def test_an_announcement_between_looking_and_waiting_is_not_missed():
    updates = Updates()
    seen = updates.count
    updates.announce()

    assert waits(updates, seen, 5) < 1


def test_waiting_ends_with_its_time():
    updates = Updates()

    assert waits(updates, updates.count, 0.01) >= 0.01


def test_an_announcement_wakes_everyone():
    updates = Updates()
    threads = [threading.Thread(target=updates.wait, args=(0, 5)) for _ in range(3)]
    for thread in threads:
        thread.start()
    updates.announce()
    for thread in threads:
        thread.join(1)

    assert not any(thread.is_alive() for thread in threads)


def test_one_may_wait_without_an_end():
    updates = Updates()
    thread = threading.Thread(target=updates.wait, args=(0, math.inf))
    thread.start()
    updates.announce()
    thread.join(1)

    assert not thread.is_alive()


def test_nobody_waits_after_the_end():
    updates = Updates()
    updates.close()

    assert waits(updates, updates.count, 5) < 1
