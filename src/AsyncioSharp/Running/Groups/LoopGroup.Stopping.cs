using System.Runtime.ExceptionServices;
using AsyncioSharp.LowLevel;

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
    /// <param name="grace">How long it may take; null, or <see cref="Timeout.InfiniteTimeSpan"/>, for as long as it likes.</param>
    /// <returns>What did not end by itself.</returns>
    /// <exception cref="InvalidOperationException">Called on a loop of the group, which would wait for itself.</exception>
    public Task<LoopGroupEnd> StopAsync(TimeSpan? grace)
    {
        if (ReferenceEquals(t_current, this))
        {
            throw new InvalidOperationException(
                "A loop of the group cannot wait for the group's end. Let what was started with it return, or stop it on another thread.");
        }
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
            var deadline = new Deadline(grace);
            var shutdowns = Array.ConvertAll(_members, member => ShutDownServersAsync(member, deadline));
            var arrivals = WaitForArrivalsAsync(Task.WhenAll(shutdowns), deadline);
            var ends = await Task.WhenAll(
                _members.Select((_, place) => EndMemberAsync(place, shutdowns[place], arrivals, deadline))).ConfigureAwait(false);
            _end.SetResult(new LoopGroupEnd(
                ends.Sum(static end => end.Aborted) + await arrivals.ConfigureAwait(false),
                ends.Sum(static end => end.Canceled),
                [.. ends.SelectMany(static end => end.Unfinished)]));
        }
        catch (Exception e)
        {
            _end.SetException(e);
        }
    }

    // The servers of a loop accept no more, and their connections finish, or are aborted in the end.
    private async Task<int> ShutDownServersAsync(LoopGroupMember member, Deadline deadline)
    {
        var aborted = 0;
        var servers = ServersOn(member.Loop);
        foreach (var server in servers) // before one is waited for
            await CloseAsync(server).ConfigureAwait(false);
        foreach (var server in servers)
            aborted += await member.RunHiddenAsync(() => server.ShutDownPartAsync(deadline.Left)).ConfigureAwait(false);
        return aborted;
    }

    // Connections may still come from other loops, and be served, until those have none either, and none is on its way. How many are then.
    private async Task<int> WaitForArrivalsAsync(Task shutdowns, Deadline deadline)
    {
        await WaitAsync(shutdowns, Deadline.Sum(deadline.Left)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LoopGroupServer[] servers;
        lock (_servers)
            servers = [.. _servers];
        foreach (var server in servers)
            await server.Transit.WaitAsync(deadline.Left).ConfigureAwait(false);
        return servers.Sum(static server => server.Transit.Count);
    }

    private async Task<(int Aborted, int Canceled, string[] Unfinished)> EndMemberAsync(
        int place, Task<int> shutdown, Task arrivals, Deadline deadline)
    {
        var member = _members[place];
        (int Aborted, int Canceled, string[] Unfinished) end = (0, 0, []);
        var (patience, executorPatience) =
            (Durations.Finite(_options.Runner.TaskShutdownTimeout), Durations.Finite(_options.Runner.ExecutorShutdownTimeout));
        var ending = EndOnLoopAsync();
        ExceptionDispatchInfo? failure = null;
        try
        {
            try
            {
                end = await WaitAsync(ending, Deadline.Sum(deadline.Left, patience, s_margin)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException || (e is ObjectDisposedException && member.Loop.IsClosed))
            {
                // It ends by itself, with all that it has: what waits on it is cancelled like every other task, or was not begun.
            }
            catch (Exception e) when (e is not TimeoutException)
            {
                failure = ExceptionDispatchInfo.Capture(e); // told once the loop has ended, which nobody else could end
            }
            // Tasks that would not end are waited for once more, and reported, by the loop's own end; and then those that have begun meanwhile.
            await WaitAsync(member.DisposeAsync().AsTask(), Deadline.Sum(patience, executorPatience, patience, s_margin)).ConfigureAwait(false);
            failure?.Throw();
            return end;
        }
        catch (TimeoutException)
        {
            _ = member.DisposeAsync().AsTask(); // it ends when its thread is let go
            return end with { Unfinished = [.. end.Unfinished, $"loop {place}: its thread is held up by a callback that does not return"] };
        }

        async Task<(int, int, string[])> EndOnLoopAsync()
        {
            var aborted = await shutdown.ConfigureAwait(false);
            await arrivals.ConfigureAwait(false);
            foreach (var server in ServersOn(member.Loop))
                aborted += await member.RunHiddenAsync(() => server.ShutdownAsync(deadline.Left)).ConfigureAwait(false);
            var (canceled, unfinished) = await member.EndAsync(deadline.Left, patience).ConfigureAwait(false);
            return (aborted, canceled, unfinished);
        }
    }

    private static Task WaitAsync(Task task, TimeSpan? time) => time is { } bound ? task.WaitAsync(bound) : task;

    private static Task<T> WaitAsync<T>(Task<T> task, TimeSpan? time) => time is { } bound ? task.WaitAsync(bound) : task;

    private void CheckNotStopped() => ObjectDisposedException.ThrowIf(IsStopping, this);

    private static ObjectDisposedException Stopped() => new(nameof(LoopGroup), "The group was stopped. Start a new one.");
}
