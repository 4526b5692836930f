using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

/// <summary>Both ways of going through what completes: by <c>foreach</c> over coroutines, by <c>await foreach</c> over the awaitables.</summary>
public class AsCompletedTests : OnVirtualLoop
{
    private static readonly Func<CompletionStream<string>, int, Coroutine<List<string>>>[] s_ways = [Plainly, Asynchronously];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed")]
    public void What_completes_first_comes_first(int way)
    {
        Loop.RunUntilComplete(Check());
        Assert.Equal(TimeSpan.FromSeconds(0.15), Loop.Time);

        async Coroutine Check()
        {
            var stream = Asyncio.AsCompleted([Slowly(0.02, "b"), Slowly(0.15, "c"), Slowly(0.01, "a")]);
            Assert.Equal(["a", "b", "c"], await s_ways[way](stream, int.MaxValue));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_timeout_can_be_given_in_seconds(int way)
    {
        Assert.Throws<TimeoutException>(() => Loop.RunUntilComplete(Check()));
        Assert.Equal(TimeSpan.FromSeconds(0.1), Loop.Time);

        async Coroutine Check() => await s_ways[way](Asyncio.AsCompleted([Slowly(0.02, "a"), Slowly(0.5, "b")], 0.1), int.MaxValue);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_same_tasks_in_as_out")]
    public void Tasks_come_out_themselves_and_coroutines_as_tasks()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var (b, d) = (Asyncio.CreateTask(Slowly(0.2, "b")), Asyncio.CreateTask(Slowly(0.4, "d")));
            var coming = new List<IAwaitable<string>>();
            await foreach (var next in Asyncio.AsCompleted(new IAwaitable<string>[] { Slowly(0.1, "a"), b, Slowly(0.3, "c"), d }))
                coming.Add(next);
            Assert.Equal(4, coming.Count);
            Assert.Same(b, coming[1]);
            Assert.Same(d, coming[3]);
            Assert.Equal("a", Assert.IsType<AsyncioTask<string>>(coming[0]).Result);
            Assert.Equal("c", Assert.IsType<AsyncioTask<string>>(coming[2]).Result);
        }
    }

    [Fact]
    public void A_task_comes_out_as_what_it_went_in()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var texts = new List<AsyncioTask<string>> { Asyncio.CreateTask(Slowly(0.2, "b"), "2"), Asyncio.CreateTask(Slowly(0.1, "a"), "1") };
            var seen = "";
            await foreach (var task in Asyncio.AsCompleted(texts))
                seen += task.Name + task.Result;
            foreach (var next in Asyncio.AsCompleted([texts[0], texts[1]], 1))
                seen += (await next).ToUpperInvariant();
            await foreach (var task in Asyncio.AsCompleted(texts.ToArray(), 1))
                seen += task.Name;

            AsyncioTask[] plain = [Asyncio.CreateTask(Asyncio.Sleep(0.2), "4"), Asyncio.CreateTask(Asyncio.Sleep(0.1), "3")];
            await foreach (var task in Asyncio.AsCompleted(plain))
                seen += task.Name;
            CompletionStream<string> asBefore = Asyncio.AsCompleted(texts);
            Assert.Equal(["b", "a"], await Asynchronously(asBefore, int.MaxValue));

            Assert.Equal("1a2bBA2134", seen);
        }
    }

    [Fact]
    public void Futures_keep_the_type_of_their_results()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var (first, second) = (Loop.CreateFuture<string>(), Loop.CreateFuture<string>());
            Loop.CallLater(TimeSpan.FromSeconds(0.1), () => second.SetResult("second"));
            Loop.CallLater(TimeSpan.FromSeconds(0.2), () => first.SetResult("first"));
            Assert.Equal(["second", "first"], await Plainly(Asyncio.AsCompleted(new List<Future<string>> { first, second }), int.MaxValue));
            Assert.Equal(["first", "second"], await Asynchronously(Asyncio.AsCompleted([first, second]), int.MaxValue));
            Assert.Equal(["x"], await Plainly(Asyncio.AsCompleted(new List<string> { "x" }.Select(text => Slowly(0.1, text))), int.MaxValue));
        }
    }

    [Fact]
    public void What_has_no_result_is_given_in_both_ways()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var order = new List<string>();
            await foreach (var task in Asyncio.AsCompleted(new List<Coroutine> { NoteAsync(0.2, "b"), NoteAsync(0.1, "a") }))
            {
                await task;
                order.Add(task.IsCompletedSuccessfully ? "done" : "not done");
            }
            foreach (var next in Asyncio.AsCompleted([NoteAsync(0.2, "d"), NoteAsync(0.1, "c")]))
            {
                await next;
                order.Add("next");
            }
            Assert.Equal(["a", "done", "b", "done", "c", "next", "d", "next"], order);

            async Coroutine NoteAsync(double seconds, string what)
            {
                await Asyncio.Sleep(seconds);
                order.Add(what);
            }
        }
    }

    [Fact]
    public void What_has_results_of_several_types_keeps_them()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var values = new List<object?>();
            await foreach (var next in Asyncio.AsCompleted([Slowly(0.2, "text"), Asyncio.Sleep(0.1, 7), Asyncio.CreateTask(Asyncio.Sleep(0.3))]))
                values.Add(next is AsyncioTask<string> text ? text.Result : next is AsyncioTask<int> number ? number.Result : null);
            await foreach (var next in Asyncio.AsCompleted([Slowly(0.2, "text"), Asyncio.Sleep(0.1, 7)]))
                values.Add(next.GetType());
            Assert.Equal([7, "text", null, typeof(AsyncioTask<int>), typeof(AsyncioTask<string>)], values);
        }
    }

    [Fact]
    public void After_the_timeout_what_has_no_result_and_is_left_gives_a_timeout_too()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            AsyncioTask[] tasks = [Asyncio.CreateTask(Asyncio.Sleep(0.1)), Asyncio.CreateTask(Asyncio.Sleep(0.2))];
            var first = 0;
            await Expect.ThrowsAsync<TimeoutException>(async () =>
            {
                await foreach (var _ in Asyncio.AsCompleted(tasks, 0.15))
                    first++;
            });
            Assert.Equal((1, true, false), (first, tasks[0].IsCompleted, tasks[1].IsCompleted));
            await tasks[1];

            var seen = new List<string>();
            foreach (var next in Asyncio.AsCompleted([Asyncio.Sleep(0.1), FailAsync(), Asyncio.Sleep(0.3)], TimeSpan.FromSeconds(0.25)))
            {
                try
                {
                    await next;
                    seen.Add("slept");
                }
                catch (Exception e)
                {
                    seen.Add(e.GetType().Name);
                }
            }
            Assert.Equal(["slept", nameof(FormatException), nameof(TimeoutException)], seen);
            await Expect.ThrowsAsync<TimeoutException>(async () =>
            {
                foreach (var next in Asyncio.AsCompleted(new List<Coroutine> { Asyncio.Sleep(1) }, 0.1))
                    await next;
            });
            await Expect.ThrowsAsync<TimeoutException>(async () =>
            {
                foreach (var next in Asyncio.AsCompleted(new List<IAwaitable> { Slowly(1, "a"), Asyncio.Sleep(1) }, 0.1))
                    await next;
            });
            Assert.Throws<ArgumentException>(() => Asyncio.AsCompleted([null!, Asyncio.CreateTask(Asyncio.Yield())]));
            Assert.Throws<ArgumentNullException>(() => Asyncio.AsCompleted((IEnumerable<Coroutine>)null!));
        }

        static async Coroutine FailAsync()
        {
            await Asyncio.Sleep(0.2);
            throw new FormatException();
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_with_timeout")]
    public void After_the_timeout_what_is_left_gives_a_timeout_and_runs_on()
    {
        foreach (var way in new[] { Plainly, Asynchronously })
            Loop.RunUntilComplete(Check(way));

        async Coroutine Check(Func<IEnumerable<IAwaitable<string>>, List<string>, Coroutine> way)
        {
            var start = Loop.Time;
            AsyncioTask<string>[] tasks = [Asyncio.CreateTask(Slowly(0.1, "a")), Asyncio.CreateTask(Slowly(0.15, "b"))];
            var values = new List<string>();
            await way(tasks, values);
            Assert.Equal(["a", "timeout"], values);
            Assert.Equal(TimeSpan.FromSeconds(0.12), Loop.Time - start);
            Assert.Equal("b", await tasks[1]);
        }

        static async Coroutine Plainly(IEnumerable<IAwaitable<string>> tasks, List<string> values)
        {
            foreach (var next in Asyncio.AsCompleted(tasks, TimeSpan.FromSeconds(0.12)))
            {
                try
                {
                    values.Add(await next);
                }
                catch (TimeoutException)
                {
                    values.Add("timeout");
                }
            }
        }

        static async Coroutine Asynchronously(IEnumerable<IAwaitable<string>> tasks, List<string> values)
        {
            try
            {
                await foreach (var next in Asyncio.AsCompleted(tasks, TimeSpan.FromSeconds(0.12)))
                    values.Add(await next);
            }
            catch (TimeoutException)
            {
                values.Add("timeout");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_with_unused_timeout")]
    public void A_timeout_that_is_not_needed_leaves_no_timer(int way)
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var stream = Asyncio.AsCompleted([Slowly(0.01, "a")], TimeSpan.FromSeconds(1));
            Assert.Equal(["a"], await s_ways[way](stream, int.MaxValue));
            Assert.Equal(TimeSpan.FromSeconds(0.01), Loop.Time);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_resume_iterator")]
    public void Going_through_can_be_broken_off_and_taken_up_again(int way)
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var stream = Asyncio.AsCompleted(Enumerable.Range(0, 4).Select(i => Slowly(i / 10.0, $"{i}")));
            Assert.Equal(["0", "1"], await s_ways[way](stream, 2));
            Assert.Equal(["2", "3"], await s_ways[way](stream, int.MaxValue));
            Assert.Empty(await s_ways[way](stream, int.MaxValue));
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_reverse_wait")]
    public void The_first_coroutine_awaited_gives_the_first_to_complete()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var coroutines = Asyncio.AsCompleted([Slowly(0.05, "a"), Slowly(0.10, "b")]).ToList();
            Assert.Equal(2, coroutines.Count);
            Assert.Equal("a", await coroutines[1]);
            Assert.Equal(TimeSpan.FromSeconds(0.05), Loop.Time);
            Assert.Equal("b", await coroutines[0]);
            Assert.Equal(TimeSpan.FromSeconds(0.10), Loop.Time);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_concurrent")]
    public void What_it_gives_can_be_awaited_concurrently()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var coroutines = Asyncio.AsCompleted([Slowly(0.05, "a"), Slowly(0.05, "b")]).ToList();
            Assert.Equal(["a", "b"], (await Asyncio.Gather(coroutines)).Order());
            Assert.Equal(TimeSpan.FromSeconds(0.05), Loop.Time);

            var awaitables = new List<IAwaitable<string>>();
            await foreach (var next in Asyncio.AsCompleted([Slowly(0.05, "a"), Slowly(0.05, "b")]))
                awaitables.Add(next);
            Assert.Equal(["a", "b"], (await Asyncio.Gather(awaitables)).Order());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_duplicate_coroutines")]
    public void A_task_given_twice_comes_once(int way)
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Slowly(0, "ham"));
            var stream = Asyncio.AsCompleted(new IAwaitable<string>[] { task, task, Slowly(0.1, "spam") });
            Assert.Equal(["ham", "spam"], await s_ways[way](stream, int.MaxValue));
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_coroutine_without_loop")]
    public void Without_a_running_loop_coroutines_cannot_be_started()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.AsCompleted([Coroutine.FromResult("a")]));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_as_completed_coroutine_use_running_loop")]
    public void Coroutines_are_started_on_the_running_loop()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var coroutine = Assert.Single(Asyncio.AsCompleted([Slowly(0, "a")]).ToList());
            Assert.Equal("a", await coroutine);
        }
    }

    [Fact]
    public void A_failure_comes_in_its_turn()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var seen = new List<string>();
            foreach (var next in Asyncio.AsCompleted([Slowly(0.3, "last"), Fail(), Slowly(0.1, "first")]))
            {
                try
                {
                    seen.Add(await next);
                }
                catch (FormatException)
                {
                    seen.Add("failed");
                }
            }
            Assert.Equal(["first", "failed", "last"], seen);
        }

        static async Coroutine<string> Fail()
        {
            await Asyncio.Sleep(0.2);
            throw new FormatException();
        }
    }

    [Fact]
    public void A_step_that_was_cancelled_loses_nothing()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var stream = Asyncio.AsCompleted([Slowly(1, "a"), Slowly(2, "b")]);
            var walk = stream.GetAsyncEnumerator();
            await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.WaitFor(walk.MoveNextAsync(), 0.5));

            Assert.Equal(["a", "b"], await Asynchronously(stream, int.MaxValue));
        }
    }

    private static async Coroutine<List<string>> Plainly(CompletionStream<string> stream, int most)
    {
        var values = new List<string>();
        foreach (var next in stream)
        {
            values.Add(await next);
            if (values.Count == most)
                break;
        }
        return values;
    }

    private static async Coroutine<List<string>> Asynchronously(CompletionStream<string> stream, int most)
    {
        var values = new List<string>();
        await foreach (var next in stream)
        {
            values.Add(await next);
            if (values.Count == most)
                break;
        }
        return values;
    }

    private static async Coroutine<string> Slowly(double seconds, string value)
    {
        if (seconds > 0)
            await Asyncio.Sleep(seconds);
        return value;
    }
}

internal static class CompletionStreamExtensions
{
    public static List<Coroutine<T>> ToList<T>(this CompletionStream<T> stream)
    {
        var list = new List<Coroutine<T>>();
        foreach (var coroutine in stream)
            list.Add(coroutine);
        return list;
    }
}
