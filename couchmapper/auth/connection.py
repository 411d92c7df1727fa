"""How a server is reached, as one value: what `connect()` is told and what is configured."""

from typing import TypedDict

from couchmapper.messages import Timeout
from couchmapper.transport.retry import RetryPolicy

__all__ = ["Connection"]


class Connection(TypedDict, total=False):
    """The options of a connection, by the names that `connect()` has for them; absent means the default."""

    timeout: Timeout
    retry: RetryPolicy
    pool_size: int
    verify: bool | str
    certificate: str | tuple[str, str]
    proxy: str
    compress: bool | int
