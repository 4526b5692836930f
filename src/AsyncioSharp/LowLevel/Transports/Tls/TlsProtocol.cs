using System.Net.Security;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// TLS between a transport and a protocol: what the transport delivers is decrypted for the protocol, what the protocol
/// writes goes encrypted to the transport (<c>asyncio.sslproto.SSLProtocol</c>).
/// </summary>
/// <remarks>
/// All of it runs on the loop's thread, inside the transport's callbacks: <see cref="SslStream"/> waits only for
/// <see cref="CipherStream"/>, which completes its reads there. .NET sends continuations to the thread pool where a
/// synchronization context is current; so there is none while TLS code runs (<see cref="NoSynchronization"/>).
/// </remarks>
internal sealed partial class TlsProtocol : Protocol
{
    private readonly EventLoop _loop;
    private readonly TlsOptions _options;
    private readonly CipherStream _cipher;
    private readonly Action _pump;
    private readonly Action _onReadable;
    private readonly bool _tellsOfConnection;
    private Transport _carrier = null!;
    private TlsTransport? _transport;
    private Exception? _failure;
    private TlsState _state;

    /// <summary>Puts TLS under a protocol.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="application">The protocol.</param>
    /// <param name="options">How to make the connection.</param>
    /// <param name="made">Completed when the handshake is over; null if nobody waits for it.</param>
    /// <param name="tellsOfConnection">Whether the protocol is told of the connection then; not where it knows it already.</param>
    public TlsProtocol(EventLoop loop, StreamProtocol application, TlsOptions options, Future<bool>? made, bool tellsOfConnection = true)
    {
        _loop = loop;
        _options = options;
        _made = made;
        _tellsOfConnection = tellsOfConnection;
        _cipher = new CipherStream(loop);
        Ssl = new SslStream(_cipher, leaveInnerStreamOpen: false);
        _pump = Pump;
        _onReadable = OnReadable;
        Application = application;
    }

    /// <summary>The protocol above.</summary>
    public StreamProtocol Application { get; private set; }

    public SslStream Ssl { get; }

    /// <summary>The plain side, from the end of the handshake on.</summary>
    public TlsTransport Transport => _transport!;

    public bool IsClosing => (_state & (TlsState.Closing | TlsState.Lost)) != 0 || _carrier.IsClosing;

    private bool KnowsOfConnection => !_tellsOfConnection || (_state & TlsState.Connected) != 0;

    public void SetApplication(StreamProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        _loop.CheckThread();
        Application = protocol;
    }

    public override void ConnectionMade(Transport transport) => Begin(transport);

    protected internal override bool EndsWithLoop() => Application.EndsWithLoop();

    private void Report(string what, Exception exception) => _loop.ReportProtocol(Application, what, exception, _transport);
}
