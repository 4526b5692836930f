using System.Net;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A server on all loops of a <see cref="LoopGroup"/>. It can be used on any thread.</summary>
public sealed class LoopGroupServer : IAsyncDisposable
{
    private readonly LoopGroup _group;

    internal LoopGroupServer(LoopGroup group, IReadOnlyList<Server> parts)
    {
        _group = group;
        Parts = parts;
        EndPoints = [.. parts[0].Sockets.Select(static socket => socket.LocalEndPoint!)];
    }

    /// <summary>Its connections that are between two loops.</summary>
    internal Transit Transit => Parts[0].Balancer!.Transit;

    /// <summary>Its server on each loop, to be used on that loop's thread.</summary>
    public IReadOnlyList<Server> Parts { get; }

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; }

    /// <summary>How many connections each loop has.</summary>
    /// <returns>The counts, in the order of <see cref="Parts"/>; of a loop that has ended, none.</returns>
    public Task<int[]> CountClientsAsync() => OnEachAsync(static part => Coroutine.FromResult(part.ClientCount));

    /// <summary>Accepts no more. Connections go on.</summary>
    public async Task CloseAsync()
    {
        await Task.WhenAll(Parts.Select(_group.CloseAsync)).ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Ends in an orderly way: accepts no more, lets the connections finish until a deadline, and then ends those that are
    /// left at once. On loops that end meanwhile they end with these. One that is on its way to another loop has its time, too; if it has not arrived
    /// by then, it ends where it comes to, and is counted.</summary>
    /// <param name="grace">How long they may take; null for as long as they like.</param>
    /// <param name="cancellationToken">Gives up waiting: the connections that are left go on.</param>
    /// <returns>How many had to be ended.</returns>
    public async Task<int> ShutdownAsync(TimeSpan? grace, CancellationToken cancellationToken = default)
    {
        var deadline = new Deadline(grace);
        var (aborted, begun) = (0, 0);
        do
        {
            begun = Transit.Begun;
            aborted += (await OnEachAsync(part => part.ShutDownPartAsync(deadline.Left), cancellationToken).ConfigureAwait(false)).Sum();
            await Transit.WaitAsync(deadline.Left, cancellationToken).ConfigureAwait(false);
        }
        while ((await CountClientsAsync().ConfigureAwait(false)).Sum() > 0 || HasMoved()); // to a part that had none left
        var late = await OnEachAsync(part => part.ShutdownAsync(deadline.Left), cancellationToken).ConfigureAwait(false);
        var onTheirWay = Transit.Count;
        await SettleAsync().ConfigureAwait(false);
        _group.Forget(this);
        return aborted + late.Sum() + onTheirWay;

        // The parts are looked at one after the other. When the time is over it does not matter: none has a connection that could still move.
        bool HasMoved() => begun != Transit.Begun && deadline.Left != TimeSpan.Zero;
    }

    /// <summary>Accepts no more, closes the connections, and waits for their end.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await OnEachAsync(static async part =>
            {
                await part.DisposeAsync();
                return true;
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // No token was passed: something has cancelled all tasks of a loop. It is closed, and its connections end without the wait.
        }
        finally
        {
            _group.Forget(this);
            await SettleAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Its addresses.</summary>
    public override string ToString() => $"<LoopGroupServer {string.Join(", ", EndPoints)}, {Parts.Count} loops>";

    // What a loop that has ended listened on may be on its way to another one, which closes it, as it serves no more. This comes behind it.
    private Task SettleAsync() =>
        Parts.Any(part => _group.HasStopped(part.Loop)) ? OnEachAsync(static _ => Coroutine.FromResult(true)) : Task.CompletedTask;

    private Task<T?[]> OnEachAsync<T>(Func<Server, Coroutine<T>> main, CancellationToken cancellationToken = default) =>
        Task.WhenAll(Parts.Select(part => _group.RunUnlessEndedAsync(part, () => main(part), cancellationToken)));
}
