"""Python's search for objects that hold each other and nobody else: rare in a process that knows many routers."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Young objects are searched when so many more came to be than went. Polls under way and what they brought are fewer,
#: also where thousands are under way at once: they go by themselves. With Python's usual 700 all of them are searched
#: again and again, and as they survive that, now and then everything is that is known of any router, while nobody is
#: polled: 30 µs each.
YOUNG = 200_000


@contextmanager
def rarely_searched() -> Iterator[None]:
    """As long as the block; what is left over meanwhile are a few megabytes."""
    before = gc.get_threshold()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
