using System.Runtime.CompilerServices;

namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>Who awaits whom: through groups, gathers, shields, timeouts and .NET's own methods.</summary>
public class CallGraphTests
{
    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_tgroup")]
    public void A_task_of_a_group_is_awaited_by_the_group_and_by_whoever_awaits_it_besides()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal(
            "T<c2_root>: s Capture, a C5, a C4, a C3, a C2 <- [" +
            "T<Task>: a TaskGroup.RunAsync, a MainAsync, a lambda <- [], " +
            "T<sub_main_1>: a C1 <- [T<Task>], " +
            "T<sub_main_2>: a C1 <- [T<Task>]]", stack);

        async Coroutine C5()
        {
            await Coroutine.Completed;
            stack = Capture();
        }

        async Coroutine C4()
        {
            await Asyncio.Yield();
            await C5();
        }

        async Coroutine C3() => await C4();

        async Coroutine C2() => await C3();

        async Coroutine C1(AsyncioTask task) => await task;

        async Coroutine MainAsync() => await TaskGroup.RunAsync(async group =>
        {
            var task = group.CreateTask(C2(), "c2_root");
            group.StartSoon(C1(task), "sub_main_1");
            group.StartSoon(C1(task), "sub_main_2");
        });
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_async_gen")]
    public void An_async_iterator_is_a_frame()
    {
        var running = "";
        var waiting = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal("T<Task>: s Capture, a GenerateAsync, a MainAsync, a lambda <- []", running);
        Assert.Equal("T<Task>: a GenerateAsync, a MainAsync, a lambda <- []", waiting);

        async Coroutine MainAsync()
        {
            await foreach (var item in GenerateAsync())
            {
                Assert.Equal(1, item);
            }
        }

        async IAsyncEnumerable<int> GenerateAsync()
        {
            running = Capture();
            yield return 1;
            var task = Asyncio.CurrentTask!;
            task.Loop.CallSoon(() => waiting = Text(Asyncio.CaptureCallGraph(task)!));
            await Asyncio.Sleep(1);
        }
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_gather")]
    public void A_gathered_task_is_awaited_by_whoever_gathers()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal("T<Task>: s Capture, a DeepAsync, a C1 <- [T<Task>: a MainAsync, a lambda <- []]", stack);

        async Coroutine DeepAsync()
        {
            await Asyncio.Yield();
            stack = Capture();
        }

        async Coroutine C1()
        {
            await Asyncio.Yield();
            await DeepAsync();
        }

        async Coroutine C2() => await Asyncio.Yield();

        async Coroutine MainAsync() => await Asyncio.Gather(C1(), C2());
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_shield")]
    public void A_shielded_task_is_awaited_by_whoever_waits_for_the_shield()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal("T<Task>: s Capture, a DeepAsync <- [T<Task>: a MainAsync, a lambda <- []]", stack);

        async Coroutine DeepAsync()
        {
            await Asyncio.Yield();
            stack = Capture();
        }

        async Coroutine MainAsync() => await Asyncio.Shield(DeepAsync());
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_timeout")]
    public void A_timeout_is_a_frame()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal("T<Task>: s Capture, a InnerAsync <- [T<Task>: a lambda, a Asyncio.Timeout, a MainAsync, a lambda <- []]", stack);

        async Coroutine InnerAsync()
        {
            await Asyncio.Yield();
            stack = Capture();
        }

        async Coroutine MainAsync() => await Asyncio.Timeout(1, async _ => await Asyncio.CreateTask(InnerAsync()));
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_wait")]
    public void A_task_that_is_waited_for_is_awaited_by_whoever_waits()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal("T<Task>: s Capture, a InnerAsync <- [T<Task>: a Asyncio.Wait, a MainAsync, a lambda <- []]", stack);

        async Coroutine InnerAsync()
        {
            await Asyncio.Yield();
            stack = Capture();
        }

        async Coroutine MainAsync() => await Asyncio.Wait([Asyncio.CreateTask(InnerAsync()), Asyncio.CreateTask(Asyncio.Sleep(1))]);
    }

    [Fact]
    public void A_task_whose_completion_is_walked_to_is_awaited_by_whoever_walks()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.StartsWith("T<Task>: s Capture, a InnerAsync <- [T<Task>: a ", stack);
        Assert.EndsWith("a MainAsync, a lambda <- []]", stack);

        async Coroutine<int> InnerAsync()
        {
            await Asyncio.Sleep(1);
            stack = Capture();
            return 1;
        }

        async Coroutine MainAsync()
        {
            await foreach (var next in Asyncio.AsCompleted([InnerAsync()]))
                Assert.Equal(1, await next);
        }
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_task")]
    public void A_task_is_awaited_by_whoever_awaits_it()
    {
        var stack = "";
        LoopTest.Run(async () => await MainAsync());

        Assert.Equal("T<inner>: s Capture, a InnerAsync <- [T<outer>: a OuterAsync <- [T<Task>: a MainAsync, a lambda <- []]]", stack);

        async Coroutine InnerAsync()
        {
            await Asyncio.Yield();
            stack = Capture();
        }

        async Coroutine OuterAsync() => await Asyncio.CreateTask(InnerAsync(), "inner");

        async Coroutine MainAsync() => await Asyncio.CreateTask(OuterAsync(), "outer");
    }

    [Fact]
    [CPythonTest("test_graph.py", "CallStackTestBase", "test_stack_future")]
    public void A_future_has_no_frames_and_is_awaited_all_the_same()
    {
        LoopTest.Run(async () =>
        {
            var future = LowLevel.EventLoop.Running.CreateFuture<int>();
            var task = Asyncio.CreateTask(C2(future), "there");
            await Asyncio.Yield();

            Assert.Equal("F<<Future pending>>:  <- [T<there>: a C1, a C2 <- []]", Text(Asyncio.CaptureCallGraph(future)!));

            future.SetResult(1);
            await task;
            Assert.Equal("F<<Future finished>>:  <- []", Text(Asyncio.CaptureCallGraph(future)!));
        });

        static async Coroutine C1(Future future) => await future;

        static async Coroutine C2(Future future) => await C1(future);
    }

    [Fact]
    public void The_frames_that_wait_for_the_running_one_are_known_however_it_came_to_run()
    {
        var graphs = new List<string>();
        LoopTest.Run(async () => await LevelAsync(20));

        Assert.Equal(21, graphs.Count);
        // The innermost adds its own first, with all others around it.
        for (var i = 0; i < graphs.Count; i++)
            Assert.Equal(graphs.Count - i, graphs[i].Split("a LevelAsync").Length - 1);

        async Coroutine LevelAsync(int level)
        {
            if (level > 0)
                await LevelAsync(level - 1);
            else
                await Asyncio.Sleep(1);
            graphs.Add(Capture());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Capture() => Text(Asyncio.CaptureCallGraph()!);

    private static string Text(CallGraph graph) => Text(graph, []);

    // In one line, and each graph in full once.
    private static string Text(CallGraph graph, HashSet<CallGraph> shown)
    {
        var name = graph.Future is AsyncioTask task
            ? $"T<{(task.Name.StartsWith("Task-", StringComparison.Ordinal) ? "Task" : task.Name)}>"
            : $"F<{graph.Future}>";
        return shown.Add(graph)
            ? $"{name}: {string.Join(", ", graph.CallStack.Select(Name))} <- [{string.Join(", ", graph.AwaitedBy.Select(by => Text(by, shown)))}]"
            : name;
    }

    private static string Name(CallGraphFrame frame)
    {
        var name = frame.Method.Replace($"{nameof(CallGraphTests)}.", "");
        return $"{(frame.IsAsync ? "a" : "s")} {(name.EndsWith("(lambda)", StringComparison.Ordinal) ? "lambda" : name)}";
    }
}
