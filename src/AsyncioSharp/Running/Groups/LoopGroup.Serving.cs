using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// A server on all loops is one on each. Where the system lets sockets share a port each accepts by itself; elsewhere the first
// accepts for all.
public sealed partial class LoopGroup
{
    private readonly List<LoopGroupServer> _servers = [];

    /// <summary>Listens for TCP connections, which are served on all loops.</summary>
    /// <param name="clientConnected">Handles a connection, in a task of its own, on the loop that has got it.</param>
    /// <param name="host">A name or an address of this machine; null or empty for all of its addresses.</param>
    /// <param name="port">The port; 0 for a free one, which <see cref="LoopGroupServer.EndPoints"/> tells.</param>
    /// <param name="options">How to listen. <see cref="ServerOptions.MaxConnections"/> is for each loop;
    /// <see cref="ServerOptions.ReusePort"/> is up to the group.</param>
    /// <param name="balancing">Which loop gets a connection.</param>
    /// <returns>The server. It ends with the group, if not before.</returns>
    /// <exception cref="ArgumentException">The options contradict each other or the address, or lack what TLS needs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port or balancing, or a number in the options is too small.</exception>
    /// <exception cref="SocketException">The name is unknown, or an address is in use or not this machine's.</exception>
    /// <exception cref="ObjectDisposedException">The group was stopped, or all of its loops have ended. If one ends while the server starts, it is
    /// started on those that are left; with <see cref="ServerOptions.Socket"/>, which was closed then, this or a cancellation is thrown.</exception>
    public Task<LoopGroupServer> StartServerAsync(
        Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, string? host, int port,
        ServerOptions? options = null, ConnectionBalancing balancing = ConnectionBalancing.Nearest)
    {
        ArgumentNullException.ThrowIfNull(clientConnected);
        CheckLimit(options);
        Check(host, port, options, balancing);
        return ServeAsync(() => Asyncio.Streams(clientConnected, options), (factory, loop, with) => loop.CreateServerAsync(factory, host, port, with),
            options, balancing, sharesPort: options?.Socket is null, port);
    }

    /// <summary>Listens for TCP connections, for each of which a protocol is made on the loop that has got it.</summary>
    /// <inheritdoc cref="StartServerAsync"/>
    /// <param name="factory">Makes a protocol for each connection; called on the loop's thread.</param>
    /// <param name="host">A name or an address of this machine; null or empty for all of its addresses.</param>
    /// <param name="port">The port; 0 for a free one, which <see cref="LoopGroupServer.EndPoints"/> tells.</param>
    /// <param name="options">How to listen. <see cref="ServerOptions.MaxConnections"/> is for each loop.</param>
    /// <param name="balancing">Which loop gets a connection.</param>
    public Task<LoopGroupServer> CreateServerAsync(
        Func<StreamProtocol> factory, string? host, int port,
        ServerOptions? options = null, ConnectionBalancing balancing = ConnectionBalancing.Nearest)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Check(host, port, options, balancing);
        return ServeAsync(() => factory, (factory, loop, with) => loop.CreateServerAsync(factory, host, port, with),
            options, balancing, sharesPort: options?.Socket is null, port);
    }

    /// <summary>Listens on a Unix socket; the connections are served on all loops.</summary>
    /// <inheritdoc cref="StartServerAsync"/>
    /// <param name="clientConnected">Handles a connection, in a task of its own, on the loop that has got it.</param>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>.</param>
    /// <param name="options">How to listen.</param>
    /// <param name="balancing">Which loop gets a connection.</param>
    public Task<LoopGroupServer> StartUnixServerAsync(
        Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> clientConnected, string? path,
        ServerOptions? options = null, ConnectionBalancing balancing = ConnectionBalancing.Nearest)
    {
        ArgumentNullException.ThrowIfNull(clientConnected);
        CheckLimit(options);
        CheckUnix(path, options, balancing);
        return ServeAsync(() => Asyncio.Streams(clientConnected, options), (factory, loop, with) => loop.CreateUnixServerAsync(factory, path, with),
            options, balancing, sharesPort: false, 0);
    }

    /// <summary>Listens on a Unix socket; for each connection a protocol is made on the loop that has got it.</summary>
    /// <inheritdoc cref="CreateServerAsync"/>
    /// <param name="factory">Makes a protocol for each connection; called on the loop's thread.</param>
    /// <param name="path">The socket's file; or, on Linux, an abstract name, which begins with <c>\0</c>.</param>
    /// <param name="options">How to listen.</param>
    /// <param name="balancing">Which loop gets a connection.</param>
    public Task<LoopGroupServer> CreateUnixServerAsync(
        Func<StreamProtocol> factory, string? path,
        ServerOptions? options = null, ConnectionBalancing balancing = ConnectionBalancing.Nearest)
    {
        ArgumentNullException.ThrowIfNull(factory);
        CheckUnix(path, options, balancing);
        return ServeAsync(
            () => factory, (factory, loop, with) => loop.CreateUnixServerAsync(factory, path, with), options, balancing, sharesPort: false, 0);
    }

    /// <summary>
    /// Moves a connection to another loop of the group, where it is served on. What was written is sent before, and what has come
    /// and was not read is there to be read first. Reader and writer of here are done with.
    /// </summary>
    /// <param name="writer">The connection; on the running loop, and without TLS. Nobody may be reading from it.</param>
    /// <param name="loop">Where it goes, one of <see cref="Loops"/>.</param>
    /// <param name="serve">Serves it there.</param>
    /// <returns>Ends when <paramref name="serve"/> has; cancelling it cancels that.</returns>
    /// <exception cref="ArgumentException">The loop is not one of the group's.</exception>
    /// <exception cref="ObjectDisposedException">The group was stopped, or the loop has ended (<see cref="HasStopped"/>): the connection stays where
    /// it is. If the loop ends while the connection is on its way there, that is closed; this or a cancellation is thrown.</exception>
    public Coroutine MoveAsync(AsyncStreamWriter writer, EventLoop loop, Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> serve)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(serve);
        var member = MemberOf(loop);
        CheckNotStopped();
        if (member.HasStopped)
            throw new ObjectDisposedException(nameof(EventLoop), "The loop to which the connection is to move has ended. It stays where it is.");
        return MoveAsync(writer, member, serve);
    }

    /// <summary>
    /// Says which loop would serve a connection better than its own from now on. Where loops have processors of their own
    /// (<see cref="LoopPlacement.OwnProcessor"/>) and <see cref="ConnectionBalancing.Nearest"/> holds, it is the one on whose processor the system
    /// receives it, as long as none gets many more than another, with those that are moving counted; of a loop that has many more already, the one
    /// that has fewest. It takes a call of the system: for servers that can move connections, to be asked now and then, between two requests.
    /// </summary>
    /// <param name="transport">The connection of a server of a group; on the thread of its loop.</param>
    /// <returns>The loop, to which <see cref="MoveAsync(AsyncStreamWriter, EventLoop, Func{AsyncStreamReader, AsyncStreamWriter, Coroutine})"/>
    /// takes it; null if it is well where it is, or is not one of such a server's.</returns>
    public static EventLoop? SuggestLoop(Transport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return transport.IsClosing ? null : transport.SuggestLoop();
    }

    // What is wrong with the arguments is told at the call, and not by the first loop that is to listen.
    private static void Check(string? host, int port, ServerOptions? options, ConnectionBalancing balancing)
    {
        EventLoop.CheckToServe(host, port, options ?? new ServerOptions());
        Check(balancing);
    }

    private static void CheckUnix(string? path, ServerOptions? options, ConnectionBalancing balancing)
    {
        EventLoop.CheckToServeUnix(path, options ?? new ServerOptions());
        Check(balancing);
    }

    private static void CheckLimit(ServerOptions? options)
    {
        if (options is not null)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Limit, nameof(options));
    }

    private static void Check(ConnectionBalancing balancing)
    {
        if (!Enum.IsDefined(balancing))
            throw new ArgumentOutOfRangeException(nameof(balancing), balancing, $"There is no such {nameof(ConnectionBalancing)}.");
    }

    private static async Coroutine MoveAsync(
        AsyncStreamWriter writer, LoopGroupMember member, Func<AsyncStreamReader, AsyncStreamWriter, Coroutine> serve)
    {
        using var connection = await writer.DetachAsync(); // closed, if it does not arrive
        await member.RunAsync(() => Voided(async () =>
        {
            var (reader, moved) = await Asyncio.AttachAsync(connection);
            await serve(reader, moved);
        }), Asyncio.CancellationToken);
    }

    private async Task<LoopGroupServer> ServeAsync(
        Func<Func<StreamProtocol>> makeFactory, Func<Func<StreamProtocol>, EventLoop, ServerOptions, Coroutine<Server>> listen,
        ServerOptions? options, ConnectionBalancing balancing, bool sharesPort, int port)
    {
        CheckNotStopped();
        options ??= new ServerOptions();
        while (true)
        {
            var members = Working();
            try
            {
                return await ServeOnAsync(members, makeFactory, listen, options, balancing, sharesPort, port).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (IsStopping)
            {
                throw Stopped(); // nobody else cancels what the group does on its loops
            }
            catch when (options.Socket is null && !IsStopping && Array.Exists(members, static member => member.HasStopped))
            {
                // Once more, on those that are left.
            }
        }
    }

    private async Task<LoopGroupServer> ServeOnAsync(
        LoopGroupMember[] members, Func<Func<StreamProtocol>> makeFactory,
        Func<Func<StreamProtocol>, EventLoop, ServerOptions, Coroutine<Server>> listen,
        ServerOptions options, ConnectionBalancing balancing, bool sharesPort, int port)
    {
        sharesPort &= PortSharing.IsSupported && members.Length > 1;
        var balancer = new Balancer(balancing, sharesPort, options.MaxConnections ?? int.MaxValue);
        var stopped = options with { StartServing = false, ReusePort = sharesPort };
        var servers = new List<Server>();
        try
        {
            // Sockets that share a port do not mind those of another program that does the same: that it is in use shows now.
            if (sharesPort && port != 0)
            {
                var probe = await ListenAsync(
                    members[0], () => listen(makeFactory(), EventLoop.Running, stopped with { ReusePort = false })).ConfigureAwait(false);
                await CloseAsync(probe).ConfigureAwait(false);
            }
            servers.Add(
                await ListenAsync(members[0], () => listen(makeFactory(), EventLoop.Running, For(members[0], stopped))).ConfigureAwait(false));
            IPEndPoint[] addresses = sharesPort ? [.. servers[0].Sockets.Select(static socket => (IPEndPoint)socket.LocalEndPoint!)] : [];
            var given = stopped with { Socket = null };
            foreach (var member in members.Skip(1))
            {
                servers.Add(await ListenAsync(
                    member, () => EventLoop.Running.CreateSharedServerAsync(makeFactory(), addresses, For(member, given))).ConfigureAwait(false));
            }
            balancer.SetParts(servers);
            var server = new LoopGroupServer(this, servers);
            foreach (var part in servers.AsEnumerable().Reverse()) // the first accepts for all, where ports are not shared
                await StartAsync(MemberOf(part.Loop), part).ConfigureAwait(false);
            lock (_servers)
            {
                if (IsStopping)
                    throw Stopped(); // the end may have looked for servers already
                _servers.Add(server);
            }
            return server;
        }
        catch (Exception e)
        {
            if (servers.Count == 0 && e is ObjectDisposedException or OperationCanceledException)
                options.Socket?.Dispose(); // the loop that was to have it has ended
            foreach (var server in servers)
            {
                // The others are to be abandoned, and what was wrong first told.
                await AbandonAsync(server).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            // What a loop that ends had bound it has closed, or given to another part: behind that, so that it is free again. To wait for
            // the loop's end itself could be for ever, as something there may wait for this.
            foreach (var server in servers)
                await RunUnlessEndedAsync(server, static () => Coroutine.FromResult(true), default).ConfigureAwait(false);
            throw;
        }

        // So that each accepts what is near, and little has to be handed over.
        ServerOptions For(LoopGroupMember member, ServerOptions options) =>
            sharesPort && balancing == ConnectionBalancing.Nearest ? options with { Processor = member.Loop.Home?.Number } : options;

        // A loop that ends still runs its last turns, but has told its servers so already.
        Task<Server> ListenAsync(LoopGroupMember member, Func<Coroutine<Server>> open) => member.RunHiddenAsync(async () =>
        {
            var part = await open();
            if (member.HasStopped)
            {
                part.Close();
                throw new ObjectDisposedException(nameof(EventLoop), "The event loop ends: nothing can listen on it any more.");
            }
            part.NoteEndOfLoop();
            return part;
        });

        Task StartAsync(LoopGroupMember member, Server part) => member.RunHiddenAsync(() => Voided(() =>
        {
            ObjectDisposedException.ThrowIf(member.HasStopped, part.Loop);
            return part.StartServingAsync();
        }));
    }

    internal Task CloseAsync(Server server) => RunUnlessEndedAsync(server, () =>
    {
        server.Close();
        return Coroutine.FromResult(true);
    }, default);

    private Task AbandonAsync(Server server) => RunUnlessEndedAsync(server, () =>
    {
        server.Abandon();
        return Coroutine.FromResult(true);
    }, default);

    /// <summary>Runs a coroutine on the loop of a part of a server (<see cref="LoopGroupMember.RunAtOnceAsync"/>). If that has ended, or
    /// does meanwhile, so has the part with all that it had, and there is nothing to be done: a loop that ends drops what it was given, or
    /// cancels it.</summary>
    internal async Task<T?> RunUnlessEndedAsync<T>(Server server, Func<Coroutine<T>> main, CancellationToken cancellationToken)
    {
        var member = MemberOf(server.Loop);
        try
        {
            return await member.RunAtOnceAsync(main, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is (ObjectDisposedException or OperationCanceledException)
            && (member.HasStopped || IsStopping) && !cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    private Server[] ServersOn(EventLoop loop)
    {
        lock (_servers)
            return [.. _servers.SelectMany(server => server.Parts).Where(part => ReferenceEquals(part.Loop, loop))];
    }

    internal void Forget(LoopGroupServer server)
    {
        lock (_servers)
            _servers.Remove(server);
    }
}
