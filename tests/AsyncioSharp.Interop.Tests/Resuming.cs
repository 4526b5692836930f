using System.Diagnostics;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Interop;

/// <summary>How tasks go on behind what a library completes.</summary>
internal static class Resuming
{
    private const int TaskCount = 3;
    private const int Attempts = 200;

    private static readonly AsyncLocal<string?> s_local = new();
    private static readonly LoggerExternalScopeProvider s_scopes = new();

    /// <summary>
    /// Several tasks await such a call at once, each in a context of its own. Calls that complete at once show nothing: they
    /// are made again until each task has really waited.
    /// </summary>
    public static async Coroutine AssertAsync(EventLoop loop, Func<CancellationToken, Task> completes)
    {
        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < TaskCount; i++)
                group.StartSoon(AwaitAsync(loop, completes, $"task {i}"), $"task {i}");
        });
        Assert.Null(s_local.Value);
        Assert.Null(Activity.Current);
        Assert.Equal("", Scopes());
    }

    private static async Coroutine AwaitAsync(EventLoop loop, Func<CancellationToken, Task> completes, string name)
    {
        var task = Asyncio.CurrentTask;
        s_local.Value = name;
        using var activity = new Activity(name).Start();
        using var scope = s_scopes.Push(name);
        for (var attempt = 0; ; attempt++)
        {
            Assert.True(attempt < Attempts, "Nothing was ever waited for.");
            var call = completes(Asyncio.CancellationToken);
            var waits = !call.IsCompleted;
            await call;
            Assert.Same(loop, EventLoop.RunningOrNull);
            Assert.Same(task, Asyncio.CurrentTask);
            Assert.Equal(name, s_local.Value);
            Assert.Same(activity, Activity.Current);
            Assert.Equal(name, Scopes());
            if (waits)
                return;
        }
    }

    private static string Scopes()
    {
        var scopes = new List<object?>();
        s_scopes.ForEachScope(static (scope, scopes) => scopes.Add(scope), scopes);
        return string.Join(" ", scopes);
    }
}
