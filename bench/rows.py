"""The rows that AsyncioSharp.Micro measures: what each is called, how often it is done, and the bar it is to keep."""
from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    unit: str
    count: int
    bar: float | str | None = None  # at most so much; or at most what that runtime takes; or "works"
    baseline: int | None = None     # the count for .NET, where it is much slower
    values: bool = False            # whether async ValueTask makes a difference
    once: bool = False              # one sample takes so long that there is no second
    others: bool = False            # whether the programs in peers/ have it


ROWS = [
    Row("await", "await a child that completes synchronously", "ns", 10 * MILLION, 20, values=True),
    Row("await_bytes", "the same", "B", MILLION, 0, values=True),
    Row("chain", "await, 1000 deep, a level", "ns", 10 * MILLION, 20, values=True),
    Row("chain_turn", "the same, the deepest yields, a level", "ns", 10 * MILLION, 30, values=True),
    Row("chain_turn_bytes", "the same", "B", MILLION, 0, values=True),
    Row("deep", "await, a million deep, in 256 KiB of stack, a level", "ns", MILLION, "works", values=True),
    Row("turns", "yield, 100 tasks in turn", "ns", 10 * MILLION, 14),
    Row("turns_bytes", "the same", "B", MILLION, 0),
    Row("yield_alone", "yield, one task alone", "ns", 10 * MILLION),
    Row("spawn", "spawn and join a task", "ns", MILLION, 75),
    Row("spawn_bytes", "the same, above the coroutine's own state", "B", MILLION, 100),
    Row("call_soon", "call soon, in batches of 1000", "ns", 10 * MILLION, 8),
    Row("call_soon_bytes", "the same", "B", MILLION, 0),
    Row("timers", "timer armed and cancelled", "ns", MILLION, 60),
    Row("timers_bytes", "the same", "B", MILLION, 0),
    Row("channel", "queue of 100, put and get", "ns", 5 * MILLION, 25, others=True),
    Row("channel_bytes", "the same", "B", MILLION, 0),
    Row("lock", "lock a free lock and release it", "ns", 10 * MILLION, 10, others=True),
    Row("lock_bytes", "the same", "B", MILLION, 0),
    Row("lock_handoff", "lock handed from task to task", "ns", 5 * MILLION, 40, others=True),
    Row("lock_handoff_bytes", "the same", "B", MILLION, 0),
    Row("semaphore", "enter a free semaphore and leave it", "ns", 10 * MILLION, others=True),
    Row("group", "group of 10 tasks that end at once, each", "ns", MILLION, others=True),
    Row("wake", "round trip from another thread", "ns", 200_000, 4000),
    Row("stream", "64 bytes over a connection and back, both ends on one thread", "ns", 200_000),
    Row("stream_burst", "the same, 16 at a time, each answered by itself", "ns", MILLION, baseline=200_000),
    Row("stream_burst_bytes", "the same", "B", 100_000, 0),
    Row("sleep_alloc", "sleep, a round", "B", 100_000, 0),
    Row("sleep", "", "", MILLION, once=True),
    Row("sleep_rss", "a million sleeping tasks, each, at the peak", "B", 0, 250),
    Row("sleep_time", "the same, time over the 10 s of sleep, each", "ns", 0),
    Row("sleep_cpu", "the same, processor time to wake and end, each", "ns", MILLION, 1000, once=True),
    Row("cancel0", "cancel a sleeping task", "ns", MILLION, 150, baseline=50_000),
    Row("cancel5", "the same, asleep 5 coroutines down", "ns", MILLION, 300, baseline=20_000),
    Row("cancel17", "the same, asleep 17 coroutines down", "ns", MILLION, 600, baseline=10_000),
    Row("cancel0_future", "cancel a task that waits for a future", "ns", MILLION, baseline=50_000),
    Row("cancel5_future", "the same, waiting 5 coroutines down", "ns", MILLION, baseline=20_000),
    Row("cancel17_future", "the same, waiting 17 coroutines down", "ns", MILLION, baseline=10_000),
    Row("throw17", "exception through 17 coroutines", "ns", 20_000, "Task", values=True),
    Row("throw17_turn", "the same, after the deepest has yielded", "ns", 20_000, "Task", values=True),
]
BY_NAME = {row.name: row for row in ROWS}
PARTS = {"sleep_rss": "sleep", "sleep_time": "sleep"}  # figures that another row's run prints
