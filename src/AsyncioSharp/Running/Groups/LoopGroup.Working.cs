using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// Work that is handed across. On a loop of the group or on any other thread, the outcome is that of a .NET task.
public sealed partial class LoopGroup
{
    /// <summary>Runs a coroutine on the loop that has the least to do of what was handed over; on any thread. Loops that have ended are
    /// left out.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="main">Makes the coroutine; called on that loop's thread.</param>
    /// <param name="cancellationToken">Cancels the coroutine. By default, if this is called in a task, that task's cancellation does.</param>
    /// <returns>A .NET task with its outcome.</returns>
    /// <exception cref="ObjectDisposedException">The group was stopped.</exception>
    public Task<T> RunAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        CheckNotStopped();
        return Idlest().RunAsync(main, OrOfTask(cancellationToken));
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Coroutine{T}}, CancellationToken)"/>
    public Task RunAsync(Func<Coroutine> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return RunAsync(() => Voided(main), cancellationToken);
    }

    /// <summary>Runs a coroutine on a certain loop; may be called on any thread.</summary>
    /// <inheritdoc cref="RunAsync{T}(Func{Coroutine{T}}, CancellationToken)"/>
    /// <param name="loop">The loop, one of <see cref="Loops"/>.</param>
    /// <param name="main">Makes the coroutine; called on that loop's thread.</param>
    /// <param name="cancellationToken">Cancels the coroutine. By default, if this is called in a task, that task's cancellation does.</param>
    /// <exception cref="ArgumentException">The loop is not one of the group's.</exception>
    public Task<T> RunAsync<T>(EventLoop loop, Func<Coroutine<T>> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        CheckNotStopped();
        return MemberOf(loop).RunAsync(main, OrOfTask(cancellationToken));
    }

    /// <inheritdoc cref="RunAsync{T}(EventLoop, Func{Coroutine{T}}, CancellationToken)"/>
    public Task RunAsync(EventLoop loop, Func<Coroutine> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return RunAsync(loop, () => Voided(main), cancellationToken);
    }

    /// <summary>Runs a coroutine on each loop, as a group of tasks: when one fails, the others are cancelled, and all have ended
    /// when the result is there. Loops that have ended (<see cref="HasStopped"/>) are left out.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="main">Makes the coroutine; called on each loop's thread, where <see cref="CurrentIndex"/> tells which it is.</param>
    /// <param name="cancellationToken">Cancels all. By default, if this is called in a task, that task's cancellation does.</param>
    /// <returns>The results, in the order of the loops; none of those that are left out.</returns>
    /// <exception cref="LoopGroupException">Some have failed; or a loop has ended before it could begin.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; or it was on some loops, as on one that has ended meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The group was stopped, or all of its loops have ended.</exception>
    public Task<T[]> RunOnEachAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        CheckNotStopped();
        return RunOnAllAsync(Working(), main, OrOfTask(cancellationToken));
    }

    /// <inheritdoc cref="RunOnEachAsync{T}"/>
    public Task RunOnEachAsync(Func<Coroutine> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return RunOnEachAsync(() => Voided(main), cancellationToken);
    }

    private async Task<T[]> RunOnAllAsync<T>(LoopGroupMember[] members, Func<Coroutine<T>> main, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var failures = new List<LoopGroupException.Failure>();
        var results = new T[members.Length];
        var canceled = 0;
        await Task.WhenAll(members.Select((_, index) => RunOneAsync(index))).ConfigureAwait(false);
        if (failures.Count > 0)
            throw new LoopGroupException(failures, members.Length);
        cancellationToken.ThrowIfCancellationRequested();
        if (canceled > 0)
            throw new OperationCanceledException($"On {canceled} of {members.Length} loops the coroutine was cancelled.");
        return results;

        async Task RunOneAsync(int index)
        {
            try
            {
                results[index] = await members[index].RunAsync(main, source.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref canceled);
            }
            catch (Exception e)
            {
                lock (failures)
                    failures.Add(new LoopGroupException.Failure(Array.IndexOf(_members, members[index]), e));
                await source.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    // Of several that have as little, each in turn. If all have ended, any: it says so.
    private LoopGroupMember Idlest()
    {
        var first = (uint)Interlocked.Increment(ref _turn);
        var idlest = _members[first % (uint)_members.Length];
        for (var i = 1u; i < _members.Length && (idlest.Pending > 0 || idlest.HasStopped); i++)
        {
            var member = _members[(first + i) % (uint)_members.Length];
            if (!member.HasStopped && (idlest.HasStopped || member.Pending < idlest.Pending))
                idlest = member;
        }
        return idlest;
    }

    private static CancellationToken OrOfTask(CancellationToken cancellationToken) =>
        !cancellationToken.CanBeCanceled && Asyncio.CurrentTask is not null ? Asyncio.CancellationToken : cancellationToken;

    private static async Coroutine<VoidResult> Voided(Func<Coroutine> main)
    {
        await main();
        return default;
    }
}
