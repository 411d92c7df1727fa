"""One profile for all property tests: they prove facts, and time is measured in `benchmarks/` only."""

from hypothesis import HealthCheck, settings

settings.register_profile("couchmapper", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("couchmapper")
