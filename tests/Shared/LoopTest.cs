using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>
/// Runs coroutines on a loop in virtual time, where sleeping takes no time. What the loop reports to its exception handler
/// (failures nobody looked at, failing callbacks) fails the test, unless the test asks for it with <see cref="Reports"/>.
/// </summary>
public static class LoopTest
{
    /// <summary>Runs a coroutine; the loop must have nothing to report.</summary>
    public static void Run(Func<Coroutine> main, bool debug = false) => Assert.Empty(Reports(main, debug));

    /// <inheritdoc cref="Run(Func{Coroutine}, bool)"/>
    public static T Run<T>(Func<Coroutine<T>> main, bool debug = false)
    {
        var reports = new List<ExceptionContext>();
        var result = Asyncio.Run(main, Options(reports, debug));
        Assert.Empty(reports);
        return result;
    }

    /// <summary>Runs a coroutine and gives what the loop reported up to and including its close.</summary>
    public static List<ExceptionContext> Reports(Func<Coroutine> main, bool debug = false)
    {
        var reports = new List<ExceptionContext>();
        Asyncio.Run(main, Options(reports, debug));
        return reports;
    }

    /// <summary>A loop in virtual time that writes its reports to a list.</summary>
    public static VirtualEventLoop NewLoop(List<ExceptionContext>? reports = null)
    {
        var loop = new VirtualEventLoop();
        if (reports is not null)
            loop.ExceptionHandler = (_, report) => reports.Add(report);
        return loop;
    }

    private static RunnerOptions Options(List<ExceptionContext> reports, bool debug) => new()
    {
        LoopFactory = () => NewLoop(reports),
        HandleInterrupt = false,
        Debug = debug,
    };
}
