namespace AsyncioSharp.Tests;

/// <summary>A task that, when it is cancelled, cancels every other that it finds before it cleans up.</summary>
internal static class CancelsAll
{
    /// <summary>Waits to be cancelled.</summary>
    /// <param name="cleanedUp">Called when it has cleaned up.</param>
    /// <param name="before">How many seconds it waits before it cancels the others.</param>
    /// <param name="after">How many seconds it takes to clean up.</param>
    public static async Coroutine WaitAsync(Action cleanedUp, double before = 0, double after = 0.01)
    {
        try
        {
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }
        finally
        {
            if (before > 0)
                await Asyncio.Sleep(before);
            foreach (var task in Asyncio.AllTasks().Where(static task => task.CancelRequests == 0))
                task.Cancel();
            await Asyncio.Sleep(after);
            cleanedUp();
        }
    }
}
