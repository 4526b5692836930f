namespace AsyncioSharp.Tests.Tasks;

public class GatherTests : OnVirtualLoop
{
    private int _called;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_tasks.py", "GatherTestsBase", "test_success")]
    [CPythonTest("test_tasks.py", "GatherTestsBase", "test_result_exception_success")]
    public void Results_come_in_the_order_of_the_arguments(bool asOutcomes)
    {
        var (a, b, c) = (New(), New(), New());
        Future gathered = asOutcomes ? Asyncio.GatherOutcomes<int>(a, b, c) : Asyncio.Gather(a, b, c);
        gathered.AddDoneCallback(_ => _called++);

        b.SetResult(1);
        a.SetResult(2);
        RunAll();
        Assert.False(gathered.IsCompleted);
        Assert.Equal(0, _called);
        c.SetResult(3);
        RunAll();

        Assert.Equal(1, _called);
        int[] results = gathered is Future<int[]> plain
            ? plain.Result
            : [.. ((Future<Outcome<int>[]>)gathered).Result.Select(outcome => outcome.Value)];
        Assert.Equal([2, 1, 3], results);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "GatherTestsBase", "test_one_exception")]
    public void The_first_failure_is_passed_on_at_once()
    {
        var (a, b, c, d, e) = (New(), New(), New(), New(), New());
        var gathered = Asyncio.Gather(a, b, c, d, e);
        gathered.AddDoneCallback(_ => _called++);
        var failure = new FormatException();

        a.SetResult(1);
        b.SetException(failure);
        RunAll();

        Assert.Equal(1, _called);
        Assert.Same(failure, gathered.Exception);
        c.SetResult(3);
        d.Cancel();
        e.SetException(new ArithmeticException()); // counts as seen
        RunAll();
        Assert.Equal(1, _called);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "GatherTestsBase", "test_return_exceptions")]
    public void As_outcomes_failures_are_results()
    {
        var (a, b, c, d) = (New(), New(), New(), New());
        var gathered = Asyncio.GatherOutcomes<int>(a, b, c, d);
        gathered.AddDoneCallback(_ => _called++);
        var (first, second) = (new FormatException(), new ArithmeticException());

        b.SetResult(1);
        c.SetException(first);
        a.SetResult(3);
        RunAll();
        Assert.False(gathered.IsCompleted);
        d.SetException(second);
        RunAll();

        Assert.Equal(1, _called);
        var outcomes = gathered.Result;
        Assert.Equal((3, 1), (outcomes[0].Value, outcomes[1].Value));
        Assert.Same(first, outcomes[2].Exception);
        Assert.Same(second, outcomes[3].Exception);
        Assert.Equal([true, true, false, false], outcomes.Select(outcome => outcome.IsSuccess));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "FutureGatherTests", "test_constructor_empty_sequence_without_loop")]
    [CPythonTest("test_tasks.py", "CoroutineGatherTests", "test_constructor_without_loop")]
    public void Without_a_running_loop_nothing_and_coroutines_cannot_be_gathered()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.Gather(Array.Empty<Future<int>>()));
        Assert.Throws<InvalidOperationException>(() => Asyncio.Gather(Coroutine.FromResult(1), Coroutine.FromResult(2)));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "FutureGatherTests", "test_constructor_empty_sequence_use_running_loop")]
    public void Nothing_gathered_has_completed()
    {
        var gathered = Loop.RunUntilComplete(Make());

        Assert.Same(Loop, gathered.Loop);
        Assert.True(gathered.IsCompleted);
        Assert.Empty(gathered.Result);

        static async Coroutine<Future<int[]>> Make() => Asyncio.Gather(Array.Empty<Coroutine<int>>());
    }

    [Fact]
    [CPythonTest("test_tasks.py", "FutureGatherTests", "test_constructor_heterogenous_futures")]
    public void Futures_of_two_loops_do_not_gather()
    {
        using var other = LoopTest.NewLoop();

        Assert.Throws<ArgumentException>(() => Asyncio.Gather(New(), other.CreateFuture<int>()));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "FutureGatherTests", "test_constructor_homogenous_futures")]
    public void The_loop_is_that_of_the_futures()
    {
        Future<int>[] children = [New(), New(), New()];

        for (var i = 0; i < 2; i++)
        {
            var gathered = Asyncio.Gather(children);
            Assert.Same(Loop, gathered.Loop);
            RunAll();
            Assert.False(gathered.IsCompleted);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "FutureGatherTests", "test_one_cancellation")]
    public void A_cancelled_member_is_a_failure_and_no_cancellation()
    {
        var (a, b, c) = (New(), New(), New());
        var gathered = Asyncio.Gather(a, b, c);
        gathered.AddDoneCallback(_ => _called++);

        a.SetResult(1);
        b.Cancel("mine");
        RunAll();

        Assert.Equal(1, _called);
        Assert.False(gathered.IsCanceled);
        Assert.Equal("mine", Assert.IsType<CanceledException>(gathered.Exception).CancelMessage);
        c.SetException(new FormatException());
        RunAll();
    }

    [Fact]
    [CPythonTest("test_tasks.py", "FutureGatherTests", "test_result_exception_one_cancellation")]
    public void As_outcomes_cancellations_are_results()
    {
        var (a, b, c, d) = (New(), New(), New(), New());
        var gathered = Asyncio.GatherOutcomes<int>(a, b, c, d);
        var failure = new FormatException();

        a.SetResult(1);
        b.SetException(failure);
        c.Cancel();
        RunAll();
        Assert.False(gathered.IsCompleted);
        d.Cancel();

        var outcomes = Loop.RunUntilComplete(gathered);
        Assert.Equal(1, outcomes[0].Value);
        Assert.Same(failure, outcomes[1].Exception);
        Assert.True(outcomes[2].IsCanceled && outcomes[3].IsCanceled);
        Assert.False(outcomes[1].IsCanceled);
        Assert.Throws<CanceledException>(() => outcomes[2].Value);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "CoroutineGatherTests", "test_constructor_use_running_loop")]
    public void Coroutines_are_started_on_the_running_loop()
    {
        var gathered = Loop.RunUntilComplete(Make());

        Assert.Same(Loop, gathered.Loop);
        Assert.Equal([1, 2], Loop.RunUntilComplete(gathered));

        static async Coroutine<Future<int[]>> Make() => Asyncio.Gather(Value(1), Value(2));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "CoroutineGatherTests", "test_duplicate_coroutines")]
    public void One_task_given_more_than_once_gives_its_result_as_often()
    {
        var task = Loop.CreateTask(Value(1));

        Assert.Equal([1, 1, 2, 1], Loop.RunUntilComplete(Asyncio.Gather(task, task, Loop.CreateTask(Value(2)), task)));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "CoroutineGatherTests", "test_exception_marking")]
    public void A_later_failure_counts_as_seen()
    {
        var (a, b) = (New(), New());
        var task = Loop.CreateTask(Outer());
        RunAll();

        a.SetResult(1);
        RunAll();
        b.SetResult(1);
        RunAll();

        Assert.IsType<FormatException>(task.Exception);

        async Coroutine Outer() => await Asyncio.Gather(Inner(a), Inner(b));

        static async Coroutine Inner(Future<int> future)
        {
            await future;
            throw new FormatException("should not be ignored");
        }
    }

    [Fact]
    public void Results_of_different_types_come_as_a_tuple()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var (number, text, task) = await Asyncio.Gather(Value(1), Coroutine.FromResult("two"), Asyncio.CreateTask(Value(3)));
            Assert.Equal((1, "two", 3), (number, text, task));
        }
    }

    [Fact]
    public void Outcomes_of_different_types_have_their_values()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var outcomes = await Asyncio.GatherOutcomes(Value(1), Text("two"), Coroutine.FromResult(3.0), FailAsync(), Asyncio.Yield());
            Assert.Equal([1, "two", 3.0], outcomes[..3].Select(outcome => outcome.Value));
            Assert.IsType<FormatException>(outcomes[3].Exception);
            Assert.Throws<FormatException>(() => outcomes[3].Value);
            Assert.Equal((true, null), (outcomes[4].IsSuccess, outcomes[4].Value));

            outcomes = await Asyncio.GatherOutcomes([Value(1), Text("two")]);
            Assert.Equal([1, "two"], outcomes.Select(outcome => outcome.Value));

            var (future, canceled) = (New(), Asyncio.CreateTask(Text("never")));
            future.SetResult(1);
            canceled.Cancel();
            outcomes = await Asyncio.GatherOutcomes(future, Asyncio.CreateTask(Text("two")), canceled, FailAsync(), Value(3));
            Assert.Equal([true, true, false, false, true], outcomes.Select(outcome => outcome.IsSuccess));
            Assert.Equal((1, "two", 3), (outcomes[0].Value, outcomes[1].Value, outcomes[4].Value));
            Assert.Equal((true, false), (outcomes[2].IsCanceled, outcomes[3].IsCanceled));
        }

        static async Coroutine<string> Text(string text)
        {
            await Asyncio.Yield();
            return text;
        }

        static async Coroutine<int> FailAsync()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    }

    [Fact]
    public void An_outcome_of_what_has_no_result_has_null()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var sleeps = await Asyncio.GatherOutcomes(Asyncio.Yield(), Asyncio.Sleep(0.1));
            var list = await Asyncio.GatherOutcomes(new List<Coroutine> { Asyncio.Yield(), Asyncio.Sleep(0.1) });
            var futures = await Asyncio.GatherOutcomes(
                Asyncio.Gather(Asyncio.Yield()), Asyncio.Shield(Asyncio.Yield()), Asyncio.CreateTask(Asyncio.Yield()), Task.CompletedTask.AsFuture(),
                Loop.RunInExecutor(null, () => { }));
            Assert.All([.. sleeps, .. list, .. futures], outcome => Assert.Equal((true, null), (outcome.IsSuccess, outcome.Value)));
        }
    }

    [Fact]
    public void Gathering_what_has_completed_takes_no_turn()
    {
        var (a, b) = (New(), New());
        a.SetResult(1);
        b.SetResult(2);

        Assert.Equal([1, 2], Asyncio.Gather(a, b).Result);
    }

    private Future<int> New() => Loop.CreateFuture<int>();

    private void RunAll()
    {
        for (var i = 0; i < 3; i++)
            RunOnce();
    }

    private static async Coroutine<int> Value(int value)
    {
        await Asyncio.Yield();
        return value;
    }
}
