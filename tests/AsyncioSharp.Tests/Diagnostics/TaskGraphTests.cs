using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>All tasks of a loop at once, as a table and as a tree.</summary>
public class TaskGraphTests
{
    private static readonly TaskGraph s_chain = new([
        Task(2, "main", ["main"]),
        Task(3, "parent", ["__aexit__", "main"], by: [2]),
        Task(4, "worker", ["sleep", "work"], by: [3]),
        Task(5, "logger", ["sleep", "log"], by: [3]),
    ]);

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsTree", "test_asyncio_utils")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_complex_tree")]
    public void Tasks_stand_below_the_frames_of_those_that_await_them() => Assert.Equal("""
        └── (T) main (2)
            └── async main()
                └── (T) parent (3)
                    └── async main()
                        └── async __aexit__()
                            ├── (T) worker (4)
                            │   └── async work()
                            │       └── async sleep()
                            └── (T) logger (5)
                                └── async log()
                                    └── async sleep()
        """, s_chain.FormatTree());

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsTable", "test_asyncio_utils")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_complex_table")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_table_output_format")]
    public void The_table_has_a_row_for_each_task_and_whoever_awaits_it() => Assert.Equal("""
        task | name   | call stack        | waits for | awaited by | name of that | call stack of that
        ----------------------------------------------------------------------------------------------
        2    | main   | main              |           |            |              |
        3    | parent | __aexit__ <- main |           | 2          | main         | main
        4    | worker | sleep <- work     |           | 3          | parent       | __aexit__ <- main
        5    | logger | sleep <- log      |           | 3          | parent       | __aexit__ <- main
        """, s_chain.FormatTable());

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsTree", "test_asyncio_utils_cycles")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_cycle_detection")]
    public void A_circle_is_found_and_said_first()
    {
        var graph = new TaskGraph([Task(1, "a", ["f"], by: [2]), Task(2, "b", ["g"], by: [1]), Task(3, "c", ["h"], by: [1])]);

        Assert.Equal([1, 2, 1], Assert.Single(graph.FindCycles()));
        Assert.Equal("""
            These tasks wait for each other in a circle and cannot go on:
              a (1) -> b (2) -> a (1)

            └── (T) a (1)
                └── async f()
                    ├── (T) b (2)
                    │   └── async g()
                    │       └── (T) a (1) (see above)
                    └── (T) c (3)
                        └── async h()
            """, graph.FormatTree());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_multiple_cycles_same_node")]
    public void A_task_can_be_in_several_circles()
    {
        var graph = new TaskGraph([Task(1, "a", [], by: [2, 3]), Task(2, "b", [], by: [1]), Task(3, "c", [], by: [1])]);

        Assert.Equal([[1, 2, 1], [1, 3, 1]], graph.FindCycles());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsEdgeCases", "test_task_awaits_self")]
    public void A_task_that_awaits_itself_is_a_circle() =>
        Assert.Equal([7, 7], Assert.Single(new TaskGraph([Task(7, "self", ["loop"], by: [7])]).FindCycles()));

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_empty_input_tree")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_empty_input_table")]
    public void Without_tasks_there_is_no_tree_and_no_row()
    {
        var graph = new TaskGraph([]);

        Assert.Equal("", graph.FormatTree());
        Assert.Equal(2, graph.FormatTable().Split('\n').Length);
        Assert.Empty(graph.FindCycles());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_only_independent_tasks_tree")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_only_independent_tasks_table")]
    public void Tasks_that_nobody_awaits_stand_beside_each_other()
    {
        var graph = new TaskGraph([Task(10, "taskA", []), Task(11, "taskB", [])]);

        Assert.Equal("└── (T) taskA (10)\n└── (T) taskB (11)", Normal(graph.FormatTree()));
        Assert.Equal(4, graph.FormatTable().Split('\n').Length);
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_single_task_tree")]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_single_task_table")]
    public void A_task_by_itself()
    {
        var graph = new TaskGraph([Task(10, "main", ["sleep", "main"])]);

        Assert.Equal("└── (T) main (10)\n    └── async main()\n        └── async sleep()", Normal(graph.FormatTree()));
        Assert.Contains("10   | main | sleep <- main |", graph.FormatTable());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsBasic", "test_deep_coroutine_chain")]
    public void Deep_chains_are_shown_in_full_but_for_the_absurd()
    {
        var frames = Enumerable.Range(1, 5).Select(i => $"c{i}").ToArray();
        Assert.Contains("async c5()\n        └── async c4()\n            └── async c3()",
            Normal(new TaskGraph([Task(10, "leaf", frames)]).FormatTree()));

        var chain = new TaskGraph(Enumerable.Range(1, 20_000).Select(i => Task(i, $"t{i}", ["f"], by: i == 1 ? [] : [i - 1])));
        Assert.Contains("…", chain.FormatTree());
        Assert.Empty(chain.FindCycles());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsEdgeCases", "test_task_with_missing_awaiter_id")]
    public void An_awaiter_that_is_not_known_is_said_to_be_unknown()
    {
        var graph = new TaskGraph([Task(1, "child", ["f"], by: [999])]);

        Assert.Contains("| 999        | (unknown)", graph.FormatTable());
        Assert.StartsWith("└── (T) child (1)", graph.FormatTree());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsEdgeCases", "test_duplicate_coroutine_frames")]
    public void Tasks_with_the_same_frames_are_two_tasks()
    {
        var graph = new TaskGraph([Task(1, "main", ["wait"]), Task(2, "a", ["work"], by: [1]), Task(3, "b", ["work"], by: [1])]);

        Assert.Equal(3, graph.FormatTree().Split("async work()").Length);
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsEdgeCases", "test_task_with_no_name")]
    public void A_task_without_a_name_is_told_by_its_number()
    {
        var graph = new TaskGraph([Task(1, "", ["f"]), Task(2, "child", [], by: [1])]);

        Assert.StartsWith("└── (T) (no name) (1)", graph.FormatTree());
        Assert.Contains("| (no name)", graph.FormatTable());
    }

    [Fact]
    [CPythonTest("test_tools.py", "TestAsyncioToolsEdgeCases", "test_tree_rendering_with_custom_emojis")]
    public void The_marks_can_be_chosen() =>
        Assert.Equal("└── 🧵 main (1)\n    └── 🔁 async f()", Normal(new TaskGraph([Task(1, "main", ["f"])]).FormatTree("🧵 ", "🔁 ")));

    [Fact]
    public void A_loop_is_captured_with_what_each_task_waits_for()
    {
        LoopTest.Run(async () =>
        {
            var queue = new AsyncQueue<int>();
            var mutex = new AsyncLock();
            using var held = await mutex.AcquireAsync();
            var tasks = new[]
            {
                Asyncio.CreateTask(GetAsync(queue), "getter"),
                Asyncio.CreateTask(LockAsync(mutex), "locker"),
                Asyncio.CreateTask(Asyncio.Sleep(5), "sleeper"),
            };
            await Asyncio.Sleep(1);
            var outer = Asyncio.CreateTask(WaitAsync(tasks), "outer");
            await Asyncio.Yield();

            var graph = TaskGraph.Capture();

            var byName = graph.Tasks.ToDictionary(task => task.Name);
            Assert.Equal("an item of AsyncQueue [items:0, getters:1]", byName["getter"].WaitsFor);
            Assert.StartsWith("AsyncLock [locked, waiters:1], held by task 'Task-", byName["locker"].WaitsFor);
            Assert.Equal("a timer, 4 s left", byName["sleeper"].WaitsFor);
            Assert.Equal("Gather, 3 of 3 left", byName["outer"].WaitsFor);
            Assert.All(tasks, task => Assert.Equal([outer.Id], byName[task.Name].AwaitedBy));
            Assert.Contains("getter", Asyncio.FormatAllTasks());
            outer.Cancel();
            await Asyncio.Wait([outer]);
        });

        static async Coroutine GetAsync(AsyncQueue<int> queue) => await queue.GetAsync();

        static async Coroutine LockAsync(AsyncLock mutex)
        {
            using (await mutex.AcquireAsync())
            {
            }
        }

        static async Coroutine WaitAsync(AsyncioTask[] tasks) => await Asyncio.Gather(tasks);
    }

    [Fact]
    public void The_holder_of_a_lock_is_named()
    {
        LoopTest.Run(async () =>
        {
            var mutex = new AsyncLock();
            var holder = Asyncio.CreateTask(HoldAsync(mutex, 5), "holder");
            var waiter = Asyncio.CreateTask(HoldAsync(mutex, 0), "waiter");
            await Asyncio.Sleep(1);
            Assert.Equal("AsyncLock [locked, waiters:1], held by task 'holder'", Asyncio.CaptureCallGraph(waiter)!.WaitsFor);
            await Asyncio.Gather(holder, waiter);

            // One that was released is held no more by whoever had it.
            var former = Asyncio.CreateTask(HoldAsync(mutex, 0, after: 5), "former");
            await Asyncio.Yield();
            await mutex.AcquireAsync();
            waiter = Asyncio.CreateTask(HoldAsync(mutex, 0), "waiter");
            await Asyncio.Sleep(1);
            Assert.Equal("AsyncLock [locked, waiters:1]", Asyncio.CaptureCallGraph(waiter)!.WaitsFor);
            mutex.Release();
            await Asyncio.Gather(former, waiter);
        });

        static async Coroutine HoldAsync(AsyncLock mutex, double seconds, double after = 0)
        {
            using (await mutex.AcquireAsync())
                await Asyncio.Sleep(seconds);
            await Asyncio.Sleep(after);
        }
    }

    [Fact]
    public void What_other_tasks_wait_for_is_described()
    {
        LoopTest.Run(async () =>
        {
            var group = Asyncio.CreateTask(GroupAsync(), "group");
            var wait = Asyncio.CreateTask(WaitAsync(), "wait");
            var thread = Asyncio.CreateTask(Asyncio.ToThread(static () => { }), "thread");
            var net = Asyncio.CreateTask(NetAsync(), "net");
            var barrier = Asyncio.CreateTask(new AsyncBarrier(2).WaitAsync(), "barrier");
            var put = Asyncio.CreateTask(PutAsync(), "put");
            var completed = Asyncio.CreateTask(CompletedAsync(), "completed");
            await Expect.Turns(3);

            var waits = TaskGraph.Capture().Tasks.ToDictionary(task => task.Name, task => task.WaitsFor);
            Assert.Equal("the tasks of TaskGroup [tasks:1]", waits["group"]);
            Assert.Equal("Wait, 1 of 1 left", waits["wait"]);
            Assert.Equal("an item of AsCompleted, 1 left", waits["completed"]);
            Assert.StartsWith("a .NET task, Task ", waits["net"]);
            Assert.Equal("a function on another thread", waits["thread"]);
            Assert.Equal("AsyncBarrier [filling, waiters:1/2]", waits["barrier"]);
            Assert.Equal("room in AsyncQueue [items:1 of 1, putters:1]", waits["put"]?.Replace(", unfinished:1", ""));
            foreach (var task in new[] { group, wait, completed, net, barrier, put })
                task.Cancel();
            await Asyncio.Wait([group, wait, completed, thread, net, barrier, put]);
        });

        static async Coroutine GroupAsync() => await TaskGroup.RunAsync(async group => group.StartSoon(Asyncio.Sleep(100)));

        static async Coroutine WaitAsync() => await Asyncio.Wait([Asyncio.CreateTask(Asyncio.Sleep(100))]);

        static async Coroutine CompletedAsync()
        {
            await foreach (var _ in Asyncio.AsCompleted([Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(100), 1))]))
            {
            }
        }

        static async Coroutine NetAsync() => await System.Threading.Tasks.Task.Delay(System.Threading.Timeout.Infinite, Asyncio.CancellationToken);

        static async Coroutine PutAsync()
        {
            var queue = new AsyncQueue<int>(1);
            queue.PutNoWait(1);
            await queue.PutAsync(2);
        }
    }

    [Fact]
    public void Of_the_task_that_asks_the_frames_are_its_own() => LoopTest.Run(async () =>
    {
        var asking = Asyncio.CurrentTask!;
        await Asyncio.Yield();
        Assert.All(TaskGraph.Capture().Tasks.Single(task => task.Id == asking.Id).CallStack,
            frame => Assert.StartsWith(nameof(TaskGraphTests), frame.Method));
    });

    [Fact]
    public void What_waits_for_a_socket_says_so() => Asyncio.Run(async () =>
    {
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        var reader = Asyncio.CreateTask(LowLevel.EventLoop.Running.SockReceiveAsync(socket, new byte[1]));
        await Expect.Turns(3);
        Assert.StartsWith("a socket, to re", Asyncio.CaptureCallGraph(reader)!.WaitsFor); // read or receive
        reader.Cancel();
        await Asyncio.Wait([reader]);
    });

    [Fact]
    public void A_loop_on_another_thread_has_to_look_for_itself()
    {
        LoopTest.Run(async () =>
        {
            var loop = LowLevel.EventLoop.Running;
            await Asyncio.ToThread(() => Assert.Throws<InvalidOperationException>(() => TaskGraph.Capture(loop)));
        });
    }

    private static string Normal(string text) => text.ReplaceLineEndings("\n");

    private static TaskSnapshot Task(int id, string name, string[] frames, int[]? by = null) =>
        new(id, name, [.. frames.Select(frame => new CallGraphFrame(frame, null, 0, IsAsync: true))], by ?? []);
}
