namespace AsyncioSharp.Tests.Traces;

/// <summary>Asynchronous generators, iterators and context managers, which in C# are .NET's own.</summary>
public class GeneratorTraces : TraceTest
{
    [Fact]
    public void GeneratorSteps() => Check("generator_steps", async trace =>
    {
        async IAsyncEnumerable<int> Numbers(int count)
        {
            trace.Line("generator starts");
            for (var n = 0; n < count; n++)
            {
                await Asyncio.Yield();
                trace.Line("yields", n);
                yield return n;
            }
            trace.Line("generator ends");
        }

        var items = Numbers(3);
        trace.Line("made, nothing ran");
        await foreach (var n in items)
            trace.Line("got", n);
        trace.Line("sum", await Numbers(3).SumAsync());
    });

    [Fact]
    public void GeneratorLeftEarly() => Check("generator_left_early", async trace =>
    {
        async IAsyncEnumerable<int> Numbers()
        {
            try
            {
                for (var n = 0; n < 10; n++)
                {
                    yield return n;
                    await Asyncio.Yield();
                }
            }
            finally
            {
                trace.Line("cleanup starts");
                await Asyncio.Sleep(0.005);
                trace.Line("cleanup ends");
            }
        }

        await foreach (var n in Numbers())
        {
            trace.Line("got", n);
            if (n == 2)
                break;
        }
        trace.Line("left");
        try
        {
            await foreach (var n in Numbers())
                throw new FormatException("boom");
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
    });

    [Fact]
    public void GeneratorCancelled() => Check("generator_cancelled", async trace =>
    {
        async Coroutine Slow()
        {
            try
            {
                await Asyncio.Sleep(1);
                trace.Line("never");
            }
            catch (CanceledException)
            {
                trace.Line("generator cancelled");
                throw;
            }
        }

        async IAsyncEnumerable<int> Numbers()
        {
            try
            {
                yield return 1;
                await Slow();
            }
            finally
            {
                trace.Line("generator finally");
            }
        }

        async Coroutine Consumer()
        {
            try
            {
                await foreach (var n in Numbers())
                    trace.Line("got", n);
            }
            catch (CanceledException)
            {
                trace.Line("consumer cancelled");
                throw;
            }
        }

        var task = Asyncio.CreateTask(Consumer());
        await Asyncio.Sleep(0.005);
        task.Cancel();
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled);
    });

    [Fact]
    public void GeneratorFailure() => Check("generator_failure", async trace =>
    {
        async IAsyncEnumerable<int> Numbers()
        {
            try
            {
                yield return 1;
                await Asyncio.Yield();
                throw new FormatException("boom");
            }
            finally
            {
                trace.Line("generator finally");
            }
        }

        async IAsyncEnumerable<int> Doubled(IAsyncEnumerable<int> items)
        {
            await foreach (var n in items)
                yield return 2 * n;
        }

        try
        {
            await foreach (var n in Doubled(Numbers()))
                trace.Line("got", n);
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void GeneratorTimeout() => Check("generator_timeout", async trace =>
    {
        async IAsyncEnumerable<int> Slowing()
        {
            for (var n = 0; n < 3; n++)
            {
                await Asyncio.Sleep(n < 2 ? 0.005 : 1);
                yield return n;
            }
        }

        try
        {
            await Asyncio.Timeout(0.015, async _ =>
            {
                await foreach (var n in Slowing())
                    trace.Line("got", n);
            });
        }
        catch (TimeoutException)
        {
            trace.Line("timeout");
        }
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });

    private sealed class Countdown(int start) : IAsyncEnumerable<int>, IAsyncEnumerator<int>
    {
        public int Left { get; private set; } = start;

        public int Current => Left;

        public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public async ValueTask<bool> MoveNextAsync()
        {
            await Asyncio.Yield();
            if (Left == 0)
                return false;
            Left--;
            return true;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    [Fact]
    public void IteratorClass() => Check("iterator_class", async trace =>
    {
        await foreach (var n in new Countdown(3))
            trace.Line("got", n);
        var items = new Countdown(4);
        await foreach (var n in items)
        {
            if (n == 2)
                break;
        }
        trace.Line("left:", items.Left);
        await foreach (var n in items)
            trace.Line("the rest", n);
    });

    [Fact]
    public void ContextManagerOrder() => Check("context_manager_order", async trace =>
    {
        await using (await TracedResource.OpenAsync(trace, "a"))
        await using (await TracedResource.OpenAsync(trace, "b"))
            trace.Line("body");
        try
        {
            await using (await TracedResource.OpenAsync(trace, "c"))
            {
                await using (await TracedResource.OpenAsync(trace, "d", "while closing"))
                    trace.Line("body");
            }
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        try
        {
            await using (await TracedResource.OpenAsync(trace, "e"))
                throw new KeyNotFoundException("in the body");
        }
        catch (KeyNotFoundException e)
        {
            trace.Line("lookup error:", e.Message);
        }
    });
}
