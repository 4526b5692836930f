using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Coroutines;

/// <summary>
/// A stack trace names every coroutine frame between the failure and whoever catches it: once, with file and line, the
/// innermost first, and nothing of the library's in between.
/// </summary>
public partial class StackTraceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_are_named_once_with_file_and_line(bool waits)
    {
        Check(() => Outer(waits), nameof(Thrower), nameof(Inner), nameof(Middle), nameof(Outer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_that_throw_on_are_named_too(bool waits)
    {
        // Twice each, as in every async method of .NET: at the await, and where it was thrown on from.
        Check(() => Rethrowing(waits), nameof(Thrower), nameof(Inner), nameof(Finally), nameof(Finally), nameof(Rethrowing), nameof(Rethrowing));
    }

    [Fact]
    [CPythonTest("test_futures2.py", "FutureTests", "test_future_traceback")]
    public void Awaiting_a_failed_task_again_and_again_does_not_lengthen_the_trace()
    {
        LoopTest.Run(async () =>
        {
            var task = Asyncio.CreateTask(Outer(waits: true));
            for (var i = 0; i < 5; i++)
            {
                CheckTrace(await Expect.ThrowsAsync<FormatException>(() => Awaiter(task)),
                    nameof(Thrower), nameof(Inner), nameof(Middle), nameof(Outer), nameof(Awaiter));
            }
        });
    }

    [Fact]
    public void Frames_are_named_across_tasks()
    {
        Check(() => ThroughTasks(3), nameof(Thrower), nameof(Inner), nameof(Middle), nameof(Outer),
            nameof(ThroughTasks), nameof(ThroughTasks), nameof(ThroughTasks), nameof(ThroughTasks));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_are_named_through_seventeen_levels(bool waits)
    {
        Check(() => Levels(17, waits), [nameof(Thrower), nameof(Inner), .. Enumerable.Repeat(nameof(Levels), 17)]);
    }

    [Fact]
    public void Frames_are_named_through_more_levels_than_run_inside_each_other()
    {
        Check(() => Levels(100, waits: false), [nameof(Thrower), nameof(Inner), .. Enumerable.Repeat(nameof(Levels), 100)]);
    }

    [Fact]
    public void Frames_are_named_through_gather_and_timeouts()
    {
        Check(Gathering, nameof(Thrower), nameof(Inner), nameof(Middle), nameof(Gathering));

        static async Coroutine<int> Gathering() => (await Asyncio.Gather(Middle(waits: true)))[0];
    }

    [Fact]
    public void What_the_program_lets_out_has_the_trace_too()
    {
        var failure = Assert.Throws<FormatException>(() => LoopTest.Run(() => Outer(waits: true)));

        CheckTrace(failure, nameof(Thrower), nameof(Inner), nameof(Middle), nameof(Outer));
    }

    [Fact]
    public void A_cancellation_names_the_frames_that_could_see_it()
    {
        LoopTest.Run(async () =>
        {
            var task = Asyncio.CreateTask(Catching());
            await Asyncio.Yield();
            task.Cancel();
            var cancelled = await task;
            CheckTrace(cancelled, nameof(WithFinally), nameof(WithFinally), nameof(Catching));
        });

        static async Coroutine<Exception> Catching()
        {
            try
            {
                await WithFinally();
                throw new InvalidOperationException();
            }
            catch (CanceledException e)
            {
                return e;
            }
        }

        static async Coroutine WithFinally()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                await Asyncio.Yield();
            }
        }
    }

    private static void Check(Func<Coroutine<int>> body, params string[] frames) =>
        LoopTest.Run(async () => CheckTrace(await Expect.ThrowsAsync<FormatException>(async () => await body()), frames));

    private static void CheckTrace(Exception exception, params string[] expected)
    {
        var text = exception.ToString();
        var lines = text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("at ", StringComparison.Ordinal)).ToArray();
        foreach (var line in lines)
        {
            Assert.DoesNotContain("at AsyncioSharp.CompilerServices.", line);
            Assert.DoesNotContain("at AsyncioSharp.LowLevel.", line);
            Assert.DoesNotContain("at AsyncioSharp.AsyncioTask", line);
            Assert.DoesNotContain("at AsyncioSharp.Future", line);
        }
        // Whoever catches in these tests is not of interest, nor is xUnit.
        var frames = lines.Where(line => line.Contains(nameof(StackTraceTests)))
            .Select(Method).Where(name => Array.IndexOf(expected, name) >= 0).ToArray();
        Assert.True(expected.SequenceEqual(frames), $"Expected {string.Join(" ", expected)}, found {string.Join(" ", frames)} in:\n{text}");
        Assert.All(lines.Where(line => expected.Contains(Method(line))), line => Assert.Matches(@" in .*StackTraceTests\.cs:line \d+$", line));
    }

    // "Namespace.Type.Method(…)", or "Namespace.Type.<Test>g__Local|1_2(…)".
    private static string Method(string line) =>
        LocalFunction().Match(line) is { Success: true } local ? local.Groups[1].Value : PlainMethod().Match(line).Groups[1].Value;

    [GeneratedRegex(@"g__(\w+)\|")]
    private static partial Regex LocalFunction();

    [GeneratedRegex(@"\.(\w+)\(")]
    private static partial Regex PlainMethod();

    private static async Coroutine<int> Awaiter(AsyncioTask<int> task) => await task;

    private static async Coroutine<int> ThroughTasks(int count) =>
        await Asyncio.CreateTask(count == 0 ? Outer(waits: true) : ThroughTasks(count - 1));

    private static async Coroutine<int> Levels(int count, bool waits) =>
        count == 1 ? await Inner(waits) : await Levels(count - 1, waits);

    private static async Coroutine<int> Outer(bool waits) => await Middle(waits);

    private static async Coroutine<int> Middle(bool waits)
    {
        var result = await Inner(waits);
        return result + 1;
    }

    private static async Coroutine<int> Rethrowing(bool waits)
    {
        try
        {
            return await Finally(waits);
        }
        catch (FormatException)
        {
            await Asyncio.Yield();
            throw;
        }
    }

    private static async Coroutine<int> Finally(bool waits)
    {
        try
        {
            return await Inner(waits);
        }
        finally
        {
            await Asyncio.Yield();
        }
    }

    private static async Coroutine<int> Inner(bool waits)
    {
        if (waits)
            await Asyncio.Sleep(1);
        Thrower();
        return 1;
    }

    private static void Thrower() => throw new FormatException();
}
