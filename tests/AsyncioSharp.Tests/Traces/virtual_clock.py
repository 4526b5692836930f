"""Runs a program with asyncio's clock replaced by a virtual one: virtual_clock.py PROGRAM

Where a loop would wait for its next timer, the clock jumps to it; only while there are other threads the loop waits
as it always does. Every look at the clock takes 100 ns, so that of two timers with the same delay the one made first
is due first, as it is with a real clock.
"""

import asyncio
import runpy
import selectors
import sys
import threading

now = 0.0


def time(_loop):
    global now
    now += 1e-7
    return now


class VirtualSelector(selectors.DefaultSelector):
    def select(self, timeout=None):
        global now
        if timeout is None or timeout <= 0 or threading.active_count() > 1:
            return super().select(timeout)
        events = super().select(0)
        if not events:
            now += timeout
        return events


asyncio.BaseEventLoop.time = time
selectors.DefaultSelector = VirtualSelector
runpy.run_path(sys.argv[1], run_name="__main__")
