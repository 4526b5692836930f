namespace AsyncioSharp.LowLevel;

/// <summary>
/// The connections of a server on several loops that have left one loop and have not come to another yet. No loop has them, so that no part
/// of the server can count them. On any thread.
/// </summary>
internal sealed class Transit
{
    private readonly Lock _changing = new();
    private TaskCompletionSource? _over;
    private int _count;
    private int _begun;

    /// <summary>How many are on their way.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many have ever been. Who has looked at one loop after the other sees by it whether one may have gone past him.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>One sets out.</summary>
    public Journey Begin()
    {
        lock (_changing)
        {
            _begun++;
            _count++;
        }
        return new Journey(this);
    }

    /// <summary>Waits until none is on its way, or for so long.</summary>
    /// <param name="time">How long; null for as long as it takes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task WaitAsync(TimeSpan? time, CancellationToken cancellationToken = default)
    {
        Task over;
        lock (_changing)
        {
            if (_count == 0)
                return;
            // It is completed on a loop's thread, where nothing of who waits is to run.
            over = (_over ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        try
        {
            await over.WaitAsync(Deadline.Sum(time) ?? Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Those that are left end where they come to.
        }
    }

    private void End()
    {
        lock (_changing)
        {
            if (--_count > 0)
                return;
            _over?.SetResult();
            _over = null;
        }
    }

    /// <summary>
    /// One connection's way. It ends once, at the latest when nobody has the connection any more: else a server would wait for ever for what
    /// was forgotten.
    /// </summary>
    public sealed class Journey(Transit transit)
    {
        private Transit? _transit = transit;

        ~Journey() => End();

        /// <summary>It has arrived, or never will.</summary>
        public void End()
        {
            if (Interlocked.Exchange(ref _transit, null) is not { } transit)
                return;
            GC.SuppressFinalize(this);
            transit.End();
        }
    }
}
