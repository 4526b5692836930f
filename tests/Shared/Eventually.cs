namespace AsyncioSharp.Tests;

/// <summary>Waiting for what somebody else brings about, and giving up on it.</summary>
internal static class Eventually
{
    /// <summary>How long is waited for what has to come: for a failure only.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds that other threads or processes bring about.</summary>
    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    /// <inheritdoc cref="Until(Func{bool})"/>
    public static async Task Until(Func<Task<bool>> condition)
    {
        for (var start = DateTime.UtcNow; !await condition();)
        {
            CheckPatience(start);
            await Task.Delay(1);
        }
    }

    /// <summary>Lets the running loop go on until something holds.</summary>
    public static async Coroutine UntilOnLoop(Func<bool> condition)
    {
        for (var start = DateTime.UtcNow; !condition();)
        {
            CheckPatience(start);
            await Asyncio.Sleep(TimeSpan.FromTicks(1));
        }
    }

    private static void CheckPatience(DateTime start) => Assert.True(DateTime.UtcNow - start < Patience, "it does not come to hold");
}
