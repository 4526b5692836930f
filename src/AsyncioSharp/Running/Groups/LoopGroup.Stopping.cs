using System.Diagnostics;

namespace AsyncioSharp;

public sealed partial class LoopGroup
{
    // For what comes from a loop to arrive here.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<LoopGroupEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopped;

    /// <summary>Whether it was told to stop; on any thread. Connections had better stay where they are from then on.</summary>
    public bool IsStopping => Volatile.Read(ref _stopped) != 0;

    /// <summary>
    /// Ends in an orderly way: its servers accept no more; connections and what was handed over may finish until a deadline; what is
    /// left then is ended at once or cancelled, and the loops are closed. A second call waits for the same end.
    /// </summary>
    /// <param name="grace">How long it may take; null for as long as it likes.</param>
    /// <returns>What did not end by itself.</returns>
    /// <exception cref="InvalidOperationException">Called on a loop of the group, which would wait for itself.</exception>
    public Task<LoopGroupEnd> StopAsync(TimeSpan? grace)
    {
        if (ReferenceEquals(t_current, this))
            throw new InvalidOperationException("A loop of the group cannot wait for the group's end. Let what was started with it return, or stop it on another thread.");
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
            _ = EndAsync(grace);
        return _end.Task;
    }

    /// <summary>Stops without grace: connections are ended, tasks cancelled.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();

    private async Task EndAsync(TimeSpan? grace)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            var ends = await Task.WhenAll(_members.Select((_, place) => EndMemberAsync(place, grace, start))).ConfigureAwait(false);
            _end.SetResult(new LoopGroupEnd(ends.Sum(static end => end.Aborted), ends.Sum(static end => end.Canceled), [.. ends.SelectMany(static end => end.Unended)]));
        }
        catch (Exception e)
        {
            _end.SetException(e);
        }
    }

    private async Task<(int Aborted, int Canceled, string[] Unended)> EndMemberAsync(int place, TimeSpan? grace, long start)
    {
        var member = _members[place];
        var ending = EndOnLoopAsync();
        (int Aborted, int Canceled, string[] Unended) end;
        try
        {
            try
            {
                end = await (grace is { } time ? ending.WaitAsync(time + _options.CancelPatience + s_margin) : ending).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException || (e is ObjectDisposedException && member.Loop.IsClosed))
            {
                // It ends by itself, with all that it has: what waits on it is cancelled like every other task, or was not begun.
                end = (0, 0, []);
            }
            // Tasks that would not end are waited for once more, and reported, by the loop's own end.
            await member.DisposeAsync().AsTask().WaitAsync(_options.CancelPatience + _options.Runner.ExecutorShutdownTimeout + s_margin).ConfigureAwait(false);
            return end;
        }
        catch (TimeoutException)
        {
            _ = member.DisposeAsync().AsTask(); // it ends when its thread is let go
            return (0, 0, [$"loop {place}: its thread is held up by a callback that does not return"]);
        }

        async Task<(int, int, string[])> EndOnLoopAsync()
        {
            var aborted = 0;
            var servers = ServersOn(member.Loop);
            foreach (var server in servers) // before one is waited for
                await CloseAsync(server).ConfigureAwait(false);
            foreach (var server in servers)
                aborted += await member.RunAsync(() => ShutdownAsync(server), default).ConfigureAwait(false);
            var (canceled, unended) = await member.EndAsync(Left(), _options.CancelPatience).ConfigureAwait(false);
            return (aborted, canceled, unended);
        }

        Coroutine<int> ShutdownAsync(Server server)
        {
            Asyncio.CurrentTask!.Hide();
            return server.ShutdownAsync(Left());
        }

        TimeSpan? Left() => grace is not { } time ? null
            : Stopwatch.GetElapsedTime(start) is var passed && passed < time ? time - passed : TimeSpan.Zero;
    }

    private void CheckNotStopped() => ObjectDisposedException.ThrowIf(IsStopping, this);
}
