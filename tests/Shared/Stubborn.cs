namespace AsyncioSharp.Tests;

/// <summary>What ignores its cancellation.</summary>
internal static class Stubborn
{
    /// <summary>Waits for ever, however often it is cancelled.</summary>
    /// <param name="begun">Told when it has begun.</param>
    public static async Coroutine WaitAsync(TaskCompletionSource? begun = null)
    {
        begun?.SetResult();
        for (; ; )
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            catch (OperationCanceledException)
            {
                // Ignored: it would not end.
            }
        }
    }
}
