using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private const int ReceiveBufferSize = 256 * 1024;

    private byte[]? _receiveBuffer;

    /// <summary>
    /// Where all connections of this loop receive what goes nowhere else: one buffer is enough, as one callback runs at a
    /// time, and it stays in the processor's cache. What is in it is valid until that callback returns.
    /// </summary>
    internal byte[] ReceiveBuffer =>
        _receiveBuffer ??= GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);

    /// <summary>Whether this loop can make connections.</summary>
    private protected virtual bool HasNetwork => false;

    /// <summary>Connects a socket that nobody else has.</summary>
    private protected virtual Coroutine ConnectAsync(Socket socket, EndPoint remote) => throw NoNetwork();

    /// <summary>Makes the transport of a connected socket. It owns the socket from then on.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isOwn">Whether nobody else has it.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer's address, if it is known.</param>
    /// <param name="made">To be completed when the protocol was told of the connection.</param>
    private protected virtual Transport StartConnection(Socket socket, bool isOwn, StreamProtocol protocol, EndPoint? remote, Future<bool> made) =>
        throw NoNetwork();

    /// <summary>Whether a transport or server of this loop has a socket.</summary>
    private protected virtual bool IsTaken(Socket socket) =>
        socket.SafeHandle is { IsClosed: false } handle && BelongsToTransport((int)handle.DangerousGetHandle());

    /// <summary>Tells of a protocol that threw where nobody else can be told.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="what">What failed.</param>
    /// <param name="exception">The exception.</param>
    /// <param name="transport">Its transport, if it has one yet.</param>
    internal void ReportProtocol(BaseProtocol protocol, string what, Exception exception, object? transport) =>
        CallExceptionHandler(new ExceptionContext($"{protocol.GetType().Name}.{what}.")
        {
            Exception = exception,
            Source = transport,
        });

    /// <summary>Waits until a transport's protocol was told of the beginning. If it was not, the transport is closed.</summary>
    private static async Coroutine ToBeginAsync(BaseTransport transport, Future<bool> made)
    {
        try
        {
            await made;
        }
        catch
        {
            transport.Close();
            throw;
        }
    }

    /// <summary>What a program's factory makes, which has to be something.</summary>
    internal static TProtocol MakeProtocol<TProtocol>(Func<TProtocol> factory)
        where TProtocol : class =>
        factory() ?? throw new InvalidOperationException("The factory gave null instead of a protocol. It has to make one for each connection.");

    private void CheckNetwork()
    {
        CheckSchedule();
        if (!HasNetwork)
            throw NoNetwork();
    }

    private static void CheckPort(int port, string parameter = "port")
    {
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            throw new ArgumentOutOfRangeException(parameter, port, "A port is a number from 0 to 65535.");
    }

    /// <param name="socket">The socket.</param>
    /// <param name="parameter">By which parameter it was given.</param>
    private static void CheckStream(Socket socket, string parameter)
    {
        if (socket.SocketType != SocketType.Stream)
            throw new ArgumentException($"A socket of type {SocketType.Stream} is needed; this one is of type {socket.SocketType}.", parameter);
    }

    // Before anything is done with it: whoever is refused does not close what another has.
    private void CheckNotTaken(Socket socket)
    {
        if (IsTaken(socket))
            throw new InvalidOperationException("The socket belongs to a transport or server already. Each connection has one transport: use that.");
    }

    private NotSupportedException NoNetwork() =>
        new($"{GetType().Name} has no network, no pipes and no processes. EventLoop.New makes a loop that has.");
}
