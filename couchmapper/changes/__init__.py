"""The changes feed and the hooks that it drives."""

from couchmapper.changes.follower import ChangesFollower
from couchmapper.changes.hooks import Hooks

__all__ = ["ChangesFollower", "Hooks"]
