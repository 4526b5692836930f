"""Runs random programs with asyncio and compares the traces: compare.py TRACES

TRACES is what TraceExport.cs has written: a program, a cancellation and the trace on each line. Nodes do here what they do
in Nodes/*.cs, with their steps at the same places.
"""

import asyncio
import heapq
import itertools
import json
import selectors
import sys

LONG = 3600.0


class ScriptedFailure(Exception):
    pass


EXPECTED = (ScriptedFailure, TimeoutError, asyncio.QueueShutDown, asyncio.BrokenBarrierError)


def is_expected(exception):
    if isinstance(exception, BaseExceptionGroup):
        return all(map(is_expected, exception.exceptions))
    return isinstance(exception, EXPECTED + (asyncio.CancelledError,))


class OrderedTimerHandle(asyncio.TimerHandle):
    """Of timers that are due at the same time the one made first comes first."""

    numbers = itertools.count()

    def __init__(self, *args):
        super().__init__(*args)
        self.number = next(self.numbers)

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


asyncio.events.TimerHandle = OrderedTimerHandle


async def enter_timeout(timeout, enter=asyncio.Timeout.__aenter__):
    """AsyncioSharp differs on purpose: a request made before, but delivered inside, is not lost when the time is over."""
    await enter(timeout)
    timeout._cancelling -= timeout._task._must_cancel
    return timeout


asyncio.Timeout.__aenter__ = enter_timeout


class OrderedSet(dict):
    def add(self, item):
        self[item] = True

    def discard(self, item):
        self.pop(item, None)


class OrderedTaskGroup(asyncio.TaskGroup):
    """Cancels its tasks in the order in which they were made; a set has an order that depends on addresses."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class VirtualSelector(selectors.SelectSelector):
    def __init__(self, loop):
        super().__init__()
        self.loop = loop

    def select(self, timeout=None):
        if timeout:
            self.loop.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.now = 0.0
        super().__init__(VirtualSelector(self))

    def time(self):
        return self.now

    def _run_once(self):
        # What select() adds to the clock must be exact, whatever the time between the deadline and now is rounded to.
        if not self._ready and not self._stopping and self._scheduled:
            while self._scheduled and self._scheduled[0]._cancelled:
                self._timer_cancelled_count -= 1
                heapq.heappop(self._scheduled)._scheduled = False
            if self._scheduled:
                self.now = max(self.now, self._scheduled[0]._when)
        super()._run_once()


class Run:
    def __init__(self, case):
        self.case = case
        self.lines = []
        self.steps = 0
        self.requests = 0
        self.slots = {}
        self.made = {}
        self.number = self.stock = 0

    def execute(self):
        self.loop = loop = VirtualLoop()
        loop.set_exception_handler(lambda *_: None)
        asyncio.set_event_loop(loop)

        self.main = loop.create_task(self.run(self.case["program"]))
        loop.call_later(LONG, loop.stop)
        loop.run_forever()
        main = self.main
        state = (
            "pending" if not main.done()
            else "cancelled" if main.cancelled()
            else "failed" if main.exception() is not None
            else "succeeded"
        )
        self.lines.append(f"{state}, {main.cancelling()} requests")
        self.steps = -(10**9)
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False
        loop._ready.clear()
        self.left = list(asyncio.all_tasks(loop))
        loop.close()
        return " ".join(self.lines)

    def step(self, node):
        self.steps += 1
        self.lines.append(f"{node['number']}@{self.loop.time():.0f}")
        if self.steps in (self.case["step"], self.case["step"] + self.case["again"]):
            self.inject()

    def inject(self):
        loop, victim = self.loop, lambda: self.cancel(self.main)
        match self.case["kind"]:
            case "AtOnce":
                victim()
            case "Soon":
                loop.call_soon(victim)
            case "LaterTurn":
                loop.call_soon(loop.call_soon, victim)
            case "Timer":
                loop.call_later(0, victim)
            case "NextSecond":
                loop.call_later(1, victim)

    def cancel(self, task):
        if task.cancel() and task is self.main:
            self.requests += 1

    def run(self, node):
        return getattr(self, node["is"])(node, *node["parts"])

    def tasks(self, parts):
        return [asyncio.create_task(self.numbered(node, i)) for i, node in enumerate(parts)]

    async def numbered(self, node, index):
        await self.run(node)
        return index

    def eager(self, coro, eager):
        return asyncio.Task(coro, loop=self.loop, eager_start=True) if eager else asyncio.create_task(coro)

    def shared(self, kind, index=0):
        key = kind, index
        if key not in self.made:
            self.made[key] = make(kind, index)
        return self.made[key]

    # Nodes that act as soon as they are asked for a coroutine.

    def Pass(self, node):
        self.step(node)
        return nothing()

    def CancelSlot(self, node):
        self.step(node)
        if task := self.slots.get(node["slot"]):
            self.cancel(task)
        return nothing()

    def CancelSelf(self, node):
        self.step(node)
        self.cancel(asyncio.current_task())
        return nothing()

    def TryQueue(self, node):
        self.step(node)
        queue = self.shared("queue", node["queue"])
        try:
            if node["puts"]:
                queue.put_nowait(queue.next_item())
            else:
                queue.get_nowait()
        except (asyncio.QueueEmpty, asyncio.QueueFull, asyncio.QueueShutDown):
            pass
        return nothing()

    def ShutDownQueue(self, node):
        self.step(node)
        self.shared("queue", node["queue"]).shutdown(node["immediate"])
        return nothing()

    # And those that act when they are awaited.

    async def Sequence(self, node, *parts):
        for part in parts:
            await self.run(part)
            self.step(node)

    async def Yield(self, node):
        for _ in range(node["turns"]):
            self.step(node)
            await asyncio.sleep(0)
        self.step(node)

    async def Sleep(self, node):
        self.step(node)
        await asyncio.sleep(node["seconds"])
        self.step(node)

    async def Throw(self, node):
        self.step(node)
        raise ScriptedFailure

    async def Guarded(self, node, body):
        try:
            await self.run(body)
        finally:
            self.step(node)

    async def CleaningUp(self, node, body, clean_up):
        try:
            await self.run(body)
        finally:
            self.step(node)
            await self.run(clean_up)

    async def Catch(self, node, body):
        try:
            await self.run(body)
        except Exception as e:
            if not is_expected(e):
                raise
            self.step(node)

    async def Swallow(self, node, body):
        try:
            await self.run(body)
        except asyncio.CancelledError:
            self.step(node)
            if node["takesBack"] and self.requests and asyncio.current_task() is self.main:
                self.requests -= 1
                self.main.uncancel()

    async def Call(self, node, body):
        async def call(levels):
            if levels > 1:
                await call(levels - 1)
            else:
                await self.run(body)
            self.step(node)

        await call(node["depth"])

    async def Spawn(self, node, body):
        self.slots[node["slot"]] = self.eager(self.run(body), node["eager"])
        self.step(node)

    async def AwaitSlot(self, node):
        self.step(node)
        if task := self.slots.get(node["slot"]):
            await task
            self.step(node)

    async def Group(self, node, body, *tasks):
        early = len(tasks) + 1 - node["late"]

        def start(index):
            coro = self.run(tasks[index - 1])
            try:
                if node["eager"] and index == 1:
                    group.create_task(coro, eager_start=True)
                else:
                    group.create_task(coro)
            except RuntimeError:
                coro.close()

        async with OrderedTaskGroup() as group:
            for index in range(1, early):
                start(index)
            self.step(node)
            await self.run(body)
            for index in range(max(early, 1), len(tasks) + 1):
                start(index)
            self.step(node)
            if node["cancels"]:
                group.cancel()
        self.step(node)

    async def TimeLimit(self, node, body):
        scope = asyncio.timeout(None if node["seconds"] < 0 else node["seconds"])
        try:
            async with scope:
                await self.run(body)
                self.step(node)
                if node["moved"] >= 0 and not scope.expired():
                    scope.reschedule(self.loop.time() + node["moved"])
                    await asyncio.sleep(0)
                self.step(node)
        except TimeoutError:
            if scope.expired():
                self.step(node)
            raise

    async def WaitFor(self, node, body):
        inner = self.run(body)
        if node["asTask"]:
            inner = asyncio.create_task(inner)
        await asyncio.wait_for(inner, node["seconds"])
        self.step(node)

    async def Shielded(self, node, body):
        await asyncio.shield(asyncio.create_task(self.run(body)))
        self.step(node)

    async def Gathered(self, node, *parts):
        if node["asTasks"]:
            together = asyncio.gather(*self.tasks(parts))
        else:
            together = asyncio.gather(*(self.numbered(part, i) for i, part in enumerate(parts)))
        self.step(node)
        assert list(await together) == list(range(len(parts)))
        self.step(node)

    async def GatheredOutcomes(self, node, *parts):
        await asyncio.gather(*self.tasks(parts), return_exceptions=True)
        self.step(node)

    async def WaitedFor(self, node, *parts):
        if not parts:
            return
        tasks = self.tasks(parts)
        until = {"AllCompleted": asyncio.ALL_COMPLETED, "FirstCompleted": asyncio.FIRST_COMPLETED, "FirstException": asyncio.FIRST_EXCEPTION}
        timeout = None if node["seconds"] < 0 else node["seconds"]
        done, pending = await asyncio.wait(tasks, timeout=timeout, return_when=until[node["until"]])
        for task in tasks:
            if task in pending:
                self.cancel(task)
        self.step(node)

    async def OneByOne(self, node, *parts):
        tasks = self.tasks(parts)
        async for task in asyncio.as_completed(tasks, timeout=None if node["seconds"] < 0 else node["seconds"]):
            self.step(node)
            await task
        self.step(node)

    async def Promise(self, node):
        future = self.loop.create_future()

        def complete():
            self.step(node)
            if future.done():
                return
            match node["ending"]:
                case 0:
                    future.set_result(7)
                case 1:
                    future.set_exception(ScriptedFailure())
                case _:
                    future.cancel()

        self.loop.call_later(node["seconds"], complete)
        self.step(node)
        await future
        self.step(node)

    async def Watched(self, node, body):
        task = self.eager(self.run(body), node["eager"])
        task.add_done_callback(lambda _: self.step(node))
        await task
        self.step(node)

    async def Holding(self, node, body):
        self.step(node)
        async with self.shared("places", node["which"]):
            self.step(node)
            await self.run(body)
        self.step(node)

    async def Put(self, node):
        queue = self.shared("queue", node["queue"])
        for _ in range(node["count"]):
            await queue.put(queue.next_item())
            self.step(node)

    async def Get(self, node):
        queue = self.shared("queue", node["queue"])
        for _ in range(node["count"]):
            await queue.get()
            self.step(node)
            if node["tells"] and queue._unfinished_tasks:
                queue.task_done()

    async def JoinQueue(self, node):
        await self.shared("queue", node["queue"]).join()
        self.step(node)

    async def EventUse(self, node):
        event = self.shared("event")
        self.step(node)
        match node["use"]:
            case 0:
                event.set()
            case 1:
                event.clear()
            case _:
                await event.wait()
        self.step(node)

    async def ConditionUse(self, node, before):
        lock, grown, in_stock = self.shared("conditions")
        async with grown:
            await self.run(before)
            self.step(node)
            match node["use"]:
                case 0:
                    number = self.number
                    await grown.wait_for(lambda: self.number > number)
                case 1:
                    self.number += 1
                    grown.notify_all()
                case 2:
                    await in_stock.wait_for(lambda: self.stock > 0)
                    self.stock -= 1
                case _:
                    self.stock += 1
                    in_stock.notify()
            self.step(node)
        self.step(node)

    async def BarrierUse(self, node):
        barrier = self.shared("barrier")
        self.step(node)
        match node["use"]:
            case 0:
                await barrier.reset()
            case 1:
                await barrier.abort()
            case _:
                await barrier.wait()
        self.step(node)


def make(kind, index):
    match kind, index:
        case "places", 0:
            return asyncio.Lock()
        case "places", 1:
            return asyncio.Semaphore(1)
        case "places", _:
            return asyncio.BoundedSemaphore(index)
        case "queue", _:
            numbers = itertools.count()
            if index < 2:
                queue = asyncio.Queue(index)
            elif index < 4:
                queue = asyncio.LifoQueue((index - 2) * 2)
            else:
                queue = asyncio.PriorityQueue(2)
            queue.next_item = lambda: next(numbers) if index < 4 else (n := next(numbers)) * 9 % 20 + n // 20 * 20 + 5
            return queue
        case "event", _:
            return asyncio.Event()
        case "conditions", _:
            lock = asyncio.Lock()
            return lock, asyncio.Condition(lock), asyncio.Condition(lock)
        case "barrier", _:
            return asyncio.Barrier(2)


async def nothing():
    pass


def size(node):
    return 1 + sum(map(size, node["parts"]))


def show(node, depth=1):
    arguments = " ".join(f"{key}={value}" for key, value in node.items() if key not in ("is", "number", "parts"))
    print(f"{'    ' * depth}{node['number']} {node['is']} {arguments}")
    for part in node["parts"]:
        show(part, depth + 1)


def has_no_twin(node):
    """TaskGroup.cancel() and eager tasks in groups are newer than the interpreter may be."""
    if node["is"] == "Group" and (
        node["kind"] != "Usual" or node["cancels"] and not hasattr(asyncio.TaskGroup, "cancel") or node["eager"] and sys.version_info < (3, 14)
    ):
        return True
    return any(map(has_no_twin, node["parts"]))


def main():
    compared = 0
    different = []
    keep = []
    for line in open(sys.argv[1]):
        case = json.loads(line)
        if has_no_twin(case["program"]):
            continue
        compared += 1
        run = Run(case)
        trace = run.execute()
        keep.append(run)  # so that nothing of an abandoned program runs while others do
        if len(keep) > 2000:
            keep.clear()
        if trace != case["trace"]:
            different.append((size(case["program"]), case, trace))
    different.sort(key=lambda found: found[0])
    seen = set()
    for _, case, trace in different:
        if case["seed"] in seen or len(seen) == 8:
            continue
        seen.add(case["seed"])
        print(f"seed {case['seed']}, cancelled at step {case['step']} ({case['kind']}), and again {case['again']} later")
        show(case["program"])
        print(f"    asyncio: {trace}\n    here:    {case['trace']}")
    print(f"{compared} traces, {len(different)} different (of {len({case['seed'] for _, case, _ in different})} programs)")
    return 1 if different else 0


if __name__ == "__main__":
    sys.unraisablehook = lambda _: None
    sys.exit(main())
