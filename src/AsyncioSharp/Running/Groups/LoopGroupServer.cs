using System.Net;

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

    /// <summary>Its server on each loop, to be used on that loop's thread.</summary>
    public IReadOnlyList<Server> Parts { get; }

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; }

    /// <summary>How many connections each loop has.</summary>
    /// <returns>The counts, in the order of the loops.</returns>
    public Task<int[]> CountClientsAsync() => Task.WhenAll(Parts.Select(part => _group.RunAsync(part, () => Coroutine.FromResult(part.ClientCount), default)));

    /// <summary>Accepts no more. Connections go on.</summary>
    public Task CloseAsync() => Task.WhenAll(Parts.Select(_group.CloseAsync));

    /// <summary>Ends in an orderly way: accepts no more, lets the connections finish until a deadline, and then ends those that are
    /// left at once.</summary>
    /// <param name="grace">How long they may take; null for as long as they like.</param>
    /// <param name="cancellationToken">Gives up waiting: the connections that are left go on.</param>
    /// <returns>How many had to be ended.</returns>
    public async Task<int> ShutdownAsync(TimeSpan? grace, CancellationToken cancellationToken = default)
    {
        var counts = await Task.WhenAll(Parts.Select(part => _group.RunAsync(part, () => part.ShutdownAsync(grace), cancellationToken))).ConfigureAwait(false);
        _group.Forget(this);
        return counts.Sum();
    }

    /// <summary>Accepts no more, closes the connections, and waits for their end.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(Parts.Select(part => _group.RunAsync(part, async () =>
            {
                await part.DisposeAsync();
                return true;
            }, default))).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // It has ended with its group, or with a loop that ends by itself: that cancels what waits there.
        }
        _group.Forget(this);
    }

    /// <summary>Its addresses.</summary>
    public override string ToString() => $"<LoopGroupServer {string.Join(", ", EndPoints)}, {Parts.Count} loops>";
}
