using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>What tasks, futures and handles tell of themselves.</summary>
public class IntrospectionTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_pep492.py", "CoroutineTests", "test_task_print_stack")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_get_stack")]
    public void A_task_has_a_stack_and_prints_it()
    {
        AsyncioTask task = null!;
        var text = new StringWriter();
        IReadOnlyList<CallGraphFrame> innermost = [];
        Loop.RunUntilComplete(RunnerAsync());

        Assert.Equal($"{nameof(IntrospectionTests)}.BarAsync", Assert.Single(innermost).Method);
        Assert.Contains("Stack for <Task-", text.ToString());
        Assert.Contains($"async {nameof(IntrospectionTests)}.FooAsync() in ", text.ToString());
        Assert.Empty(task.GetStack());

        async Coroutine RunnerAsync()
        {
            task = Asyncio.CreateTask(FooAsync());
            await task;
        }

        async Coroutine FooAsync() => await BarAsync();

        async Coroutine BarAsync()
        {
            await Asyncio.Yield();
            innermost = task.GetStack(limit: 1);
            task.PrintStack(writer: text);
        }
    }

    [Fact]
    public void The_stack_of_a_failed_task_is_that_of_its_exception()
    {
        var task = Loop.CreateTask(OuterAsync());
        RunOnce();

        var text = new StringWriter();
        task.PrintStack(writer: text);

        Assert.Equal(["FailAsync", "OuterAsync"], task.GetStack().Select(frame => frame.Method.Split('.')[^1]));
        Assert.Equal("OuterAsync", Assert.Single(task.GetStack(1)).Method.Split('.')[^1]);
        Assert.Equal(["fails", "outer"], Lines.Marks(task.GetStack()));
        Assert.Contains("Traceback for <Task-", text.ToString());
        Assert.Contains("System.FormatException: no", text.ToString());
        Assert.IsType<FormatException>(task.Exception); // which was not seen by any of this

        static async Coroutine OuterAsync() => await FailAsync(); // at: outer

        static async Coroutine FailAsync()
        {
            await Coroutine.Completed;
            throw new FormatException("no"); // at: fails
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_get_coro")]
    public void A_task_names_its_coroutine_and_what_it_waits_for()
    {
        var task = Loop.CreateTask(SleeperAsync(), "sleeper");
        Assert.Equal($"{nameof(IntrospectionTests)}.{nameof(SleeperAsync)}", task.CoroutineName);
        Assert.Equal($"<sleeper: pending, {nameof(IntrospectionTests)}.{nameof(SleeperAsync)}>", task.ToString());
        RunOnce();
        Assert.Equal($"<sleeper: pending, {nameof(IntrospectionTests)}.{nameof(SleeperAsync)}, waits for a timer, 2 s left>", task.ToString());

        Loop.RunUntilComplete(task);

        Assert.Null(task.CoroutineName);
        Assert.Equal("<sleeper: finished>", task.ToString());

        static async Coroutine SleeperAsync() => await Asyncio.Sleep(2);
    }

    [Fact]
    public void A_place_to_wait_of_a_programs_own_can_say_what_is_waited_for()
    {
        var gate = new Gate();
        var task = Loop.CreateTask(gate.WaitAsync());
        RunOnce();

        Assert.Equal("the gate", Asyncio.CaptureCallGraph(task)!.WaitsFor);
        task.Cancel();
        RunOnce();
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_source_traceback")]
    [MethodImpl(MethodImplOptions.NoOptimization)] // whose lines are not exact
    public void In_debug_mode_a_task_knows_where_it_was_made()
    {
        Loop.Debug = true;
        var task = Loop.CreateTask(Asyncio.Yield());
        CheckOrigin(task.SourceTraceback, Here() - 1);
        Loop.RunUntilComplete(task);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_future_source_traceback")]
    [MethodImpl(MethodImplOptions.NoOptimization)] // whose lines are not exact
    public void In_debug_mode_a_future_knows_where_it_was_made()
    {
        Loop.Debug = true;
        var future = Loop.CreateFuture<int>();
        CheckOrigin(future.SourceTraceback, Here() - 1);
    }

    [Fact]
    [CPythonTest("test_events.py", "HandleTests", "test_handle_source_traceback")]
    [MethodImpl(MethodImplOptions.NoOptimization)] // whose lines are not exact
    public void In_debug_mode_a_handle_knows_where_it_was_scheduled()
    {
        Loop.Debug = true;
        var soon = Loop.CallSoon(() => { });
        CheckOrigin(soon.SourceTraceback, Here() - 1);
        var fromThread = Loop.CallSoonThreadsafe(() => { });
        CheckOrigin(fromThread.SourceTraceback, Here() - 1);
        var later = Loop.CallLater(TimeSpan.Zero, () => { });
        CheckOrigin(later.SourceTraceback, Here() - 1);
        var at = Loop.CallAt(Loop.Time, () => { });
        CheckOrigin(at.SourceTraceback, Here() - 1);
    }

    [Fact]
    public void Without_debug_mode_nobody_knows()
    {
        Assert.Null(Loop.CreateFuture<int>().SourceTraceback);
        Assert.Null(Loop.CallSoon(() => { }).SourceTraceback);
        Assert.Null(Loop.CallSoonThreadsafe(() => { }).SourceTraceback);
        Assert.Null(default(Handle).SourceTraceback);
    }

    private static int Here([CallerLineNumber] int line = 0) => line;

    private static void CheckOrigin(IReadOnlyList<CallGraphFrame>? origin, int line)
    {
        var frame = origin![0];
        Assert.Equal($"{nameof(IntrospectionTests)}.cs", Path.GetFileName(frame.File));
        Assert.Equal(line, frame.Line);
    }

    private sealed class Gate : Suspension
    {
        public Coroutine WaitAsync() => ParkAsync();

        protected override void OnParked(AsyncioTask task, long argument) { }

        protected override void OnCanceled(AsyncioTask task) { }

        protected override string DescribeWait(AsyncioTask task) => "the gate";
    }
}
