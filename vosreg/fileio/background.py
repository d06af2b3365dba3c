"""Writing files while the next frames are computed."""
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable, Deque


class BackgroundWriter:
    """Calls functions that write files in threads, so that the caller goes on computing.

    Encoding and writing hold Python's interpreter lock for a small part of their time only. An error is raised by a
    later :meth:`submit`, at the latest by :meth:`finish`. If neither follows, because the caller raised an error of its
    own, what was submitted is written before the process ends.

    Args:
        num_threads: How many calls run at a time.
        max_waiting: Calls that may be under way or wait; a further one waits for the oldest of them.
    """

    def __init__(self, num_threads: int = 2, max_waiting: int = 16) -> None:
        self._max_waiting = max_waiting
        self._pool = ThreadPoolExecutor(num_threads, thread_name_prefix='writer')
        self._calls: Deque[Future] = deque()

    def submit(self, write: Callable, *arguments) -> None:
        """Call a function in the background; its arguments must not change until it has returned."""
        if len(self._calls) >= self._max_waiting:
            self._calls.popleft().result()
        self._calls.append(self._pool.submit(write, *arguments))

    def finish(self) -> None:
        """Wait until everything is written."""
        while self._calls:
            self._calls.popleft().result()
