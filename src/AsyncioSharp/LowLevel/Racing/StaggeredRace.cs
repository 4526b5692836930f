namespace AsyncioSharp.LowLevel;

/// <summary>
/// Several ways to the same end, of which the first that succeeds is taken, and which start one after another so that the
/// first has an advantage (<c>asyncio.staggered</c>). Connecting to a host that has several addresses is such a race.
/// </summary>
public static class StaggeredRace
{
    /// <summary>
    /// Starts the first attempt, and another one whenever the latest has failed or the delay has passed since its start
    /// (<c>asyncio.staggered.staggered_race()</c>). The first to succeed cancels the others, and has won. The race returns
    /// when all of them have ended.
    /// </summary>
    /// <remarks>
    /// That all attempts fail is a result and no exception: see <see cref="StaggeredRaceResult{T}.Exceptions"/>. Cancelling
    /// the race cancels its attempts; when they have ended, it ends as cancelled, also if one of them succeeded meanwhile.
    /// </remarks>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="attempts">The attempts, taken from the sequence as they are started. An attempt that is cancelled is to
    /// undo what it has done, and to let the cancellation pass.</param>
    /// <param name="delay">After which time the next one starts although the latest still runs; null for never.</param>
    /// <param name="discard">Called with each result that is not returned, such as a connection to be closed: that of an
    /// attempt which succeeded although it was cancelled, or of the winner if the race is cancelled or fails.</param>
    /// <returns>The winner's result, which one it was, and what the others ended with.</returns>
    /// <exception cref="CanceledException">The race was cancelled.</exception>
    public static Coroutine<StaggeredRaceResult<T>> RunAsync<T>(
        IEnumerable<Func<Coroutine<T>>> attempts, TimeSpan? delay = null, Action<T>? discard = null)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        return new StaggeredRace<T>(attempts, delay, discard).RunAsync();
    }
}
