namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>A waiting task's frames name the line of the await at which they stand, whatever stands around it.</summary>
public class AwaitLineTests : OnVirtualLoop
{
    [Fact]
    public void Each_await_of_a_method_has_its_own_line() => Walk(async () =>
    {
        await Asyncio.Sleep(1); // at: first
        var two = 2;
        await Asyncio.Sleep(two); // at: second
        await Task.Delay(TimeSpan.FromSeconds(1), Loop.TimeProvider); // at: third
    }, "first", "second", "third");

    [Fact]
    public void Awaits_in_loops() => Walk(async () =>
    {
        for (var i = 0; i < 2; i++)
        {
            await Asyncio.Sleep(1); // at: for
        }
        var times = 0;
        while (await StepAsync() && times++ < 1) // at: while
        {
            await Asyncio.Sleep(1); // at: body
        }
        foreach (var item in new[] { 1 })
        {
            await Asyncio.Sleep(item); // at: foreach
        }
    }, "for", "while", "body", "while", "foreach");

    [Fact]
    public void Awaits_in_try_catch_and_finally() => Walk(async () =>
    {
        try
        {
            await Asyncio.Sleep(1); // at: try
            throw new FormatException();
        }
        catch (FormatException)
        {
            await Asyncio.Sleep(1); // at: catch
            try
            {
                await Asyncio.Sleep(1); // at: inner try
            }
            finally
            {
                await Asyncio.Sleep(1); // at: inner finally
            }
        }
        finally
        {
            await Asyncio.Sleep(1); // at: finally
        }
    }, "try", "catch", "inner try", "inner finally", "finally");

    [Fact]
    public void Awaits_of_streams_and_resources() => Walk(async () =>
    {
        await foreach (var item in CountAsync()) // at: await foreach
        {
            await Asyncio.Sleep(item); // at: body
        }
        await using (new Resource())
        {
            await Asyncio.Sleep(1); // at: using
        } // the compiler gives the call of DisposeAsync no line: it counts to what was before
        using (await new AsyncLock().AcquireAsync())
        {
            await Asyncio.Sleep(1); // at: locked
        }
    }, "await foreach", "body", "await foreach", "using", "locked");

    [Fact]
    public void Awaits_in_branches_and_expressions() => Walk(async () =>
    {
        var sum = 0;
        switch (sum)
        {
            case 0 when await StepAsync(): // at: when
                sum += await OneAsync() + // at: operands
                    await OneAsync();
                break;
            default:
                await Asyncio.Sleep(1); // at: never
                break;
        }
        sum = sum > 0
            ? await OneAsync()
            : await Asyncio.Sleep(TimeSpan.FromSeconds(1), 2);
        if (sum == 1)
            goto end;
        await Asyncio.Sleep(1); // at: skipped
    end:
        await Asyncio.Sleep(1); // at: end
    }, "when", "operands", "", "end");

    [Fact]
    public void More_awaits_than_a_byte_of_code_can_number() => Walk(async () =>
    {
        for (var i = 0; i < 1; i++)
        {
            await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine);
            await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine);
            await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine);
            await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine);
            await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine);
            await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine); await default(Coroutine);
            await Asyncio.Sleep(1); // at: thirty
        }
        await Asyncio.Sleep(1); // at: last
    }, "thirty", "last");

    [Fact]
    public void Frames_of_every_kind_of_method_are_named()
    {
        var task = Loop.CreateTask(new Generic<string>().OuterAsync(3));
        RunOnce();
        RunOnce();

        var stack = task.GetStack();

        Assert.Equal(["Generic.InnerAsync", "OuterAsync (lambda)", "LocalAsync", "Generic.OuterAsync"],
            stack.Select(
                frame => frame.Method.Replace("Generic.OuterAsync (lambda)", "OuterAsync (lambda)").Replace("Generic.LocalAsync", "LocalAsync")));
        Assert.Equal(["inner", "lambda", "local", "outer"], Lines.Marks(stack));
        Assert.All(stack, frame => Assert.True(frame.IsAsync));
        Cancel(task);
    }

    [Fact]
    public void A_coroutine_that_has_not_begun_stands_at_its_beginning()
    {
        var task = Loop.CreateTask(BeginAsync());

        var frame = Assert.Single(task.GetStack());

        Assert.Equal($"{nameof(AwaitLineTests)}.{nameof(BeginAsync)}", frame.Method);
        Assert.Equal(["begin"], Lines.Marks([frame]));
        Cancel(task);
    }

    [Fact]
    public void Methods_of_dotnets_own_tasks_are_named_too()
    {
        var task = Loop.CreateTask(ForeignAsync());
        RunOnce();
        RunOnce();

        var stack = task.GetStack();

        Assert.Equal(["DeepAsync", "MiddleAsync", "ForeignAsync"], stack.Select(frame => frame.Method[(frame.Method.IndexOf('.') + 1)..]));
        Assert.Equal(["deep", "middle", "foreign"], Lines.Marks(stack));
        Cancel(task);
    }

    /// <summary>Runs a coroutine from wait to wait, and compares at which lines it stands, one after the other.</summary>
    private void Walk(Func<Coroutine> body, params string[] expected)
    {
        var task = Loop.CreateTask(body());
        Advance();
        var marks = new List<string>();
        while (!task.IsCompleted)
        {
            var mark = Lines.Marks(task.GetStack())[^1];
            if (marks.Count == 0 || marks[^1] != mark)
                marks.Add(mark);
            Advance();
        }
        Loop.RunUntilComplete(task);
        Assert.Equal(expected, marks);
    }

    private void Advance()
    {
        Loop.CallLater(TimeSpan.FromSeconds(0.4), Loop.Stop);
        Loop.RunForever();
    }

    private void Cancel(AsyncioTask task)
    {
        task.Cancel();
        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
    }

    private static async Coroutine BeginAsync()
    {
        await Asyncio.Sleep(1); // at: begin
    }

    private static async Coroutine ForeignAsync() => await MiddleAsync(); // at: foreign

    private static async Task MiddleAsync() => await DeepAsync(); // at: middle

    private static async ValueTask<int> DeepAsync()
    {
        await Task.Delay(Timeout.Infinite, Asyncio.CancellationToken); // at: deep
        return 1;
    }

    private static async Coroutine<bool> StepAsync()
    {
        await Asyncio.Sleep(1);
        return true;
    }

    private static async Coroutine<int> OneAsync()
    {
        await Asyncio.Sleep(1);
        return 1;
    }

    private static async IAsyncEnumerable<int> CountAsync()
    {
        await Asyncio.Sleep(1);
        yield return 1;
        await Asyncio.Sleep(1);
    }

    private sealed class Resource : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Asyncio.Sleep(1);
    }

    private sealed class Generic<T>
    {
        public async Coroutine<TResult> OuterAsync<TResult>(TResult result)
        {
            await LocalAsync(); // at: outer
            return result;

            async Coroutine LocalAsync()
            {
                Func<Coroutine> lambda = async () => await InnerAsync(result); // at: lambda
                await lambda(); // at: local
            }
        }

        private static async Coroutine<TItem> InnerAsync<TItem>(TItem item)
        {
            await Asyncio.Sleep(1); // at: inner
            return item;
        }
    }
}
