namespace AsyncioSharp.Tests.Tasks;

/// <summary>Async locals as asyncio's context variables.</summary>
public class ContextVariableTests : OnVirtualLoop
{
    private readonly AsyncLocal<string?> _local = new();

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_context_1")]
    public void A_task_has_the_values_of_its_making_and_keeps_its_own_to_itself()
    {
        Loop.RunUntilComplete(Main());
        Assert.Null(_local.Value);

        async Coroutine Main()
        {
            Assert.Null(_local.Value);
            var task = Asyncio.CreateTask(Sub());
            _local.Value = "yes";
            await task;
            Assert.Equal("yes", _local.Value);
        }

        async Coroutine Sub()
        {
            await Asyncio.Sleep(0.01);
            Assert.Null(_local.Value);
            _local.Value = "something else";
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_context_2")]
    public void What_a_callback_sets_does_not_reach_the_task_that_added_it()
    {
        Loop.RunUntilComplete(Main());
        Assert.Null(_local.Value);

        async Coroutine Main()
        {
            for (var j = 0; j < 2; j++)
            {
                var future = Loop.CreateFuture<int>();
                _local.Value = $"before {j}";
                var seen = "";
                future.AddDoneCallback(_ =>
                {
                    seen = _local.Value;
                    _local.Value = "something else";
                });
                _local.Value = $"yes {j}";
                Loop.CallSoon(() => future.SetResult(0));
                await future;
                Assert.Equal($"before {j}", seen);
                Assert.Equal($"yes {j}", _local.Value);
                for (var i = 0; i < 3; i++)
                {
                    _local.Value = $"yes {i} {j}";
                    await Asyncio.Sleep(0.001);
                    Assert.Equal($"yes {i} {j}", _local.Value);
                }
            }
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_context_3")]
    public void A_hundred_tasks_do_not_see_each_others_values()
    {
        var random = new Random(7);

        Loop.RunUntilComplete(Main());
        Assert.Null(_local.Value);

        async Coroutine Main() => await Asyncio.Gather(Enumerable.Range(0, 100).Select(Sub));

        async Coroutine Sub(int number)
        {
            for (var i = 0; i < 10; i++)
            {
                _local.Value = $"{number} {i}";
                await Asyncio.Sleep(random.NextDouble() / 20);
                Assert.Equal($"{number} {i}", _local.Value);
            }
        }
    }

    [Fact]
    public void What_a_callee_sets_its_caller_sees()
    {
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            await Set("at once", yields: false);
            Assert.Equal("at once", _local.Value);
            await Set("after a wait", yields: true);
            Assert.Equal("after a wait", _local.Value);
        }

        async Coroutine Set(string value, bool yields)
        {
            if (yields)
                await Asyncio.Yield();
            _local.Value = value;
        }
    }

    [Fact]
    public void A_callback_runs_in_the_context_of_its_scheduling_and_leaves_nothing_behind()
    {
        var seen = new List<string?>();
        _local.Value = "one";
        Loop.CallSoon(Look);
        _local.Value = "two";
        Loop.CallLater(TimeSpan.FromSeconds(1), Look);
        Loop.CallSoonThreadsafe(Look);
        _local.Value = null;
        Loop.CallSoon(Look);

        Loop.RunUntilComplete(Asyncio.Sleep(2));

        Assert.Equal(["one", "two", null, "two"], seen);
        Assert.Null(_local.Value);

        void Look()
        {
            seen.Add(_local.Value);
            _local.Value = "left behind";
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_get_context")]
    public void A_task_runs_in_the_context_it_was_given()
    {
        _local.Value = "given";
        var context = ExecutionContext.Capture()!;
        _local.Value = "current";
        var task = Loop.CreateTask(Look(), context: context);
        Assert.Same(context, task.Context);

        Assert.Equal("given", Loop.RunUntilComplete(task));
        Assert.Equal("current", _local.Value);

        async Coroutine<string?> Look()
        {
            await Asyncio.Yield();
            return _local.Value;
        }
    }

    [Fact]
    public void The_context_a_task_has_come_to_can_be_handed_to_the_next()
    {
        // A .NET context does not change: what asyncio does by sharing one is done by passing it on.
        var seen = Loop.RunUntilComplete(Main());

        Assert.Equal([null, "1", "2"], seen);

        async Coroutine<List<string?>> Main()
        {
            var seen = new List<string?>();
            var first = Asyncio.CreateTask(SetAndWait("1"));
            seen.Add(_local.Value);
            await Asyncio.Sleep(0.5);
            var second = Asyncio.CreateTask(SetAndWait("2", seen), context: first.Context);
            await Asyncio.Sleep(0.5);
            await Asyncio.CreateTask(Look(seen), context: second.Context);
            return seen;
        }

        async Coroutine SetAndWait(string value, List<string?>? seen = null)
        {
            await Asyncio.Yield();
            seen?.Add(_local.Value);
            _local.Value = value;
            await Asyncio.Sleep(1);
        }

        async Coroutine Look(List<string?> seen)
        {
            await Coroutine.Completed;
            seen.Add(_local.Value);
        }
    }

    [Fact]
    public void Values_survive_a_cancellation_and_a_failure()
    {
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            _local.Value = "mine";
            var sleeper = Asyncio.CreateTask(Asyncio.Sleep(10));
            Loop.CallSoon(() => sleeper.Cancel());
            try
            {
                await sleeper;
            }
            catch (CanceledException)
            {
            }
            Assert.Equal("mine", _local.Value);
            try
            {
                await Fail();
            }
            catch (FormatException)
            {
            }
            Assert.Equal("set by the one that failed", _local.Value);
        }

        async Coroutine Fail()
        {
            await Asyncio.Yield();
            _local.Value = "set by the one that failed";
            throw new FormatException();
        }
    }

    [Fact]
    [CPythonTest("test_context.py", "DecimalContextTest", "test_asyncio_task_decimal_context")]
    public void Settings_kept_in_async_locals_belong_to_one_task_each()
    {
        var precision = new AsyncLocal<int>();

        Assert.Equal([("0.333", "0.111"), ("0.333333", "0.111111")], Loop.RunUntilComplete(Main()));

        async Coroutine<(string, string)[]> Main() => await Asyncio.Gather(Fractions(0.1, 3), Fractions(0.2, 6));

        async Coroutine<(string, string)> Fractions(double seconds, int digits)
        {
            precision.Value = digits;
            var a = decimal.Round(1m / 3, precision.Value);
            await Asyncio.Sleep(seconds);
            var b = decimal.Round(1m / 9, precision.Value);
            return ($"{a}", $"{b}");
        }
    }
}
