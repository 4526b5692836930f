using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

// Receiving is tried at once, and otherwise waited for with no memory given away: what .NET would receive in its own time
// would be lost if the task was cancelled meanwhile. Sending has nothing to lose.
public sealed partial class PortableEventLoop
{
    private readonly ConditionalWeakTable<Socket, PortableArrival> _arrivals = [];
    private readonly ConditionalWeakTable<Socket, PortableAccept> _accepts = [];

    private protected override async Coroutine<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        MakeNonBlocking(socket);
        CheckFree(socket);
        var error = SocketError.WouldBlock;
        var count = buffer.IsEmpty ? 0 : SocketCalls.Receive(socket, buffer.Span, out error);
        while (error == SocketError.WouldBlock)
        {
            var arrival = ArrivalOn(socket);
            await arrival.WaitAsync();
            error = arrival.TakeError();
            if (error == SocketError.Success && !buffer.IsEmpty)
                count = SocketCalls.Receive(socket, buffer.Span, out error);
        }
        return error == SocketError.Success ? count : throw SocketErrors.Exception(error, "Receiving failed");
    }

    private protected override async Coroutine<SocketReceiveFromResult> ReceiveFromAsync(Socket socket, Memory<byte> buffer)
    {
        MakeNonBlocking(socket);
        CheckFree(socket);
        while (true)
        {
            var arrival = ArrivalOn(socket);
            await arrival.WaitAsync();
            var error = arrival.TakeError();
            var result = default(SocketReceiveFromResult);
            if (error == SocketError.Success)
                error = arrival.Receiver.Receive(buffer.Span, out result);
            if (error == SocketError.Success)
                return result;
            if (error != SocketError.WouldBlock) // what arrived was not intact, or somebody else took it
                throw SocketErrors.Exception(error, "Receiving failed");
        }
    }

    private protected override async Coroutine SendAllAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
            data = data[await socket.SendAsync(data, RunningTask.Token)..];
    }

    private protected override async Coroutine<int> SendToAsync(Socket socket, ReadOnlyMemory<byte> data, EndPoint remote) =>
        await socket.SendToAsync(data, remote, RunningTask.Token);

    // Not with a token: .NET closes a socket whose attempt is cancelled, and this one is the program's.
    private protected override Coroutine ConnectSocketAsync(Socket socket, EndPoint remote) => ConnectAsync(socket, isOwn: false, remote);

    private protected override async Coroutine<Socket> AcceptAsync(Socket socket)
    {
        CheckFree(socket);
        var accept = _accepts.GetValue(socket, socket => new PortableAccept(this, socket));
        await accept.WaitAsync();
        return accept.TakeSocket();
    }

    private PortableArrival ArrivalOn(Socket socket) =>
        _arrivals.TryGetValue(socket, out var arrival) ? arrival : _arrivals.GetValue(socket, socket => new PortableArrival(this, socket));

    private static void MakeNonBlocking(Socket socket)
    {
        if (socket.Blocking)
            socket.Blocking = false;
    }
}
