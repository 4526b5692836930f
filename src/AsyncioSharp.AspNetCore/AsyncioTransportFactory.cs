using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AsyncioSharp.AspNetCore;

/// <summary>Listens for Kestrel. The loops run as long as something listens.</summary>
internal sealed class AsyncioTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly AsyncioTransportOptions _options;
    private readonly IOptions<KestrelServerOptions> _kestrel;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _lock = new();
    private readonly LoopMemory _memory;
    private LoopGroup? _group;
    private int _listeners;

    public AsyncioTransportFactory(
        IOptions<AsyncioTransportOptions> options, IOptions<KestrelServerOptions> kestrel, ILoggerFactory loggers, IMemoryPoolFactory<byte>? pools = null)
    {
        _options = options.Value;
        _kestrel = kestrel;
        _loggers = loggers;
        _memory = new LoopMemory(pools);
    }

    public bool CanBind(EndPoint endpoint) =>
        endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint { FileHandleType: not FileHandleType.Pipe };

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        cancellationToken.ThrowIfCancellationRequested();
        CheckNotServed(endpoint);
        var group = Enter();
        var listener = new AsyncioConnectionListener(this, group, _options, _kestrel.Value.Limits.MinResponseDataRate, _memory);
        try
        {
            listener.Open(await ListenAsync(group, listener, endpoint).ConfigureAwait(false), endpoint);
            return listener;
        }
        catch (Exception e)
        {
            await LeaveAsync().ConfigureAwait(false);
            if (e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
                throw new AddressInUseException(e.Message, e);
            throw;
        }
    }

    /// <summary>A listener has ended; with the last the loops end.</summary>
    public async ValueTask LeaveAsync()
    {
        LoopGroup? group;
        lock (_lock)
        {
            if (--_listeners > 0)
                return;
            group = _group;
            _group = null;
        }
        if (group is not null)
            await group.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
    }

    private static void CheckNotServed(EndPoint endpoint)
    {
        if (endpoint is UnixDomainSocketEndPoint unix && UnixSocketProbe.IsServed(unix))
        {
            throw new AddressInUseException(
                $"Another server listens on the Unix socket '{unix}'. End that first, or listen on another path. " +
                "A file that was left behind by a server which has ended would be replaced.");
        }
    }

    private LoopGroup Enter()
    {
        lock (_lock)
        {
            var group = _options.Group ?? (_group ??= Start());
            _listeners++;
            return group;
        }
    }

    private LoopGroup Start()
    {
        var runner = _options.Loops.Runner;
        return LoopGroup.Start(_options.Loops with
        {
            Runner = runner with { LoggerFactory = runner.LoggerFactory ?? _loggers },
        });
    }

    private Task<LoopGroupServer> ListenAsync(LoopGroup group, AsyncioConnectionListener listener, EndPoint endpoint) => endpoint switch
    {
        IPEndPoint internet => group.CreateServerAsync(
            listener.MakeProtocol, internet.Address.ToString(), internet.Port, _options.ToServerOptions(), _options.Balancing),
        UnixDomainSocketEndPoint unix =>
            group.CreateUnixServerAsync(listener.MakeProtocol, PathOf(unix), _options.ToServerOptions(), _options.Balancing),
        FileHandleEndPoint file => group.CreateServerAsync(listener.MakeProtocol, null, 0,
            _options.ToServerOptions(new Socket(new SafeSocketHandle((nint)file.FileHandle, ownsHandle: true))), _options.Balancing),
        _ => throw new NotSupportedException($"Loops cannot listen on {endpoint}."),
    };

    // .NET writes an abstract name with an @ in front.
    private static string PathOf(UnixDomainSocketEndPoint unix) => unix.ToString() is ['@', .. var name] ? '\0' + name : unix.ToString();
}
