"""Profiles of the property tests: the same examples on every run, or as many new ones as one likes.

They prove facts, and time is measured in `benchmarks/` only, so no example has a time limit. To look for new
counterexamples: `.venv/bin/pytest --hypothesis-profile=explore`.
"""

from hypothesis import HealthCheck, settings

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("repeat", UNTIMED, derandomize=True)
settings.register_profile("explore", UNTIMED, max_examples=2000)
settings.load_profile("repeat")
