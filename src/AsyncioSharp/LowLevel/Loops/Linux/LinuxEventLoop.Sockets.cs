using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// Each tries at once, and waits only if it has to. What a call of the kernel gave is returned in the same step of the task,
// so that no cancellation can come between.
public abstract partial class LinuxEventLoop
{
    private EndPointCache? _endPoints;

    /// <summary>The end points of peers that send datagrams.</summary>
    internal EndPointCache EndPoints => _endPoints ??= new EndPointCache();

    private protected override async Coroutine<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        MakeNonBlocking(socket);
        while (true)
        {
            var count = Receive(socket, buffer.Span);
            if (count >= 0)
                return count;
            if (count != -Errno.EAGAIN)
                throw Errno.Exception(-count, "Receiving failed");
            await WaitReadableAsync(socket);
        }
    }

    private protected override async Coroutine<SocketReceiveFromResult> ReceiveFromAsync(Socket socket, Memory<byte> buffer)
    {
        MakeNonBlocking(socket);
        while (true)
        {
            var count = ReceiveFrom(socket, buffer.Span, out var sender);
            if (count >= 0)
                return new SocketReceiveFromResult { ReceivedBytes = count, RemoteEndPoint = sender! };
            if (count != -Errno.EAGAIN)
                throw Errno.Exception(-count, "Receiving failed");
            await WaitReadableAsync(socket);
        }
    }

    private protected override async Coroutine SendAllAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        MakeNonBlocking(socket);
        while (!data.IsEmpty)
        {
            var count = Send(socket, data.Span);
            if (count >= 0)
                data = data[count..];
            else if (count == -Errno.EAGAIN)
                await WaitWritableAsync(socket);
            else
                throw Errno.Exception(-count, "Sending failed");
        }
    }

    private protected override async Coroutine<int> SendToAsync(Socket socket, ReadOnlyMemory<byte> data, EndPoint remote)
    {
        MakeNonBlocking(socket);
        while (true)
        {
            var count = SendTo(socket, data.Span, remote);
            if (count >= 0)
                return count;
            if (count != -Errno.EAGAIN)
                throw Errno.Exception(-count, $"Sending to {remote} failed");
            await WaitWritableAsync(socket);
        }
    }

    private protected override async Coroutine ConnectSocketAsync(Socket socket, EndPoint remote)
    {
        MakeNonBlocking(socket);
        if (socket.SocketType == SocketType.Stream && remote is IPEndPoint internet)
            await ConnectStreamAsync(socket, internet);
        else
            socket.Connect(remote); // does not take time
    }

    private protected override async Coroutine<Socket> AcceptAsync(Socket socket)
    {
        MakeNonBlocking(socket);
        var failures = 0;
        while (true)
        {
            var accepted = Accept(socket);
            if (accepted >= 0)
                return new Socket(new SafeSocketHandle(accepted, ownsHandle: true));
            if (accepted == -Errno.EAGAIN)
            {
                failures = 0;
                await WaitReadableAsync(socket);
            }
            else if (!Errno.IsOfArrival(-accepted) || ++failures > Errno.MostArrivals) // it came and went
            {
                throw Errno.Exception(-accepted, "Accepting failed");
            }
        }
    }

    private async Coroutine ConnectStreamAsync(Socket socket, IPEndPoint remote)
    {
        var result = Connect(socket, remote);
        if (result is -Errno.EINPROGRESS or -Errno.EINTR)
        {
            await WaitWritableAsync(socket);
            var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != SocketError.Success)
                throw SocketErrors.NotConnected(error, remote);
        }
        else if (result < 0)
        {
            throw Errno.Exception(-result, $"Connecting to {remote} failed");
        }
        TellConnected(socket, remote);
    }

    // It stands. Asked once more, the kernel says so, and the socket object knows it too.
    private static void TellConnected(Socket socket, IPEndPoint remote)
    {
        try
        {
            socket.Connect(remote);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.IsConnected)
        {
        }
    }

    private static void MakeNonBlocking(Socket socket)
    {
        if (socket.Blocking)
            socket.Blocking = false;
    }

    private static int Receive(Socket socket, Span<byte> buffer)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        if (!buffer.IsEmpty)
            return Libc.Receive(descriptor.Number, buffer);
        var result = Libc.Peek(descriptor.Number);
        return result < 0 ? result : 0;
    }

    private static int Send(Socket socket, ReadOnlySpan<byte> data)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        return Libc.Send(descriptor.Number, data);
    }

    private int ReceiveFrom(Socket socket, Span<byte> buffer, out EndPoint? sender)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        Span<byte> address = stackalloc byte[AddressBytes.MaxLength];
        var count = Libc.ReceiveFrom(descriptor.Number, buffer, ref address);
        // Streams tell no sender, and Unix datagrams none if that has no name.
        sender = count < 0 ? null : address.IsEmpty && socket.AddressFamily != AddressFamily.Unix ? socket.RemoteEndPoint : EndPoints.Get(address);
        return count;
    }

    private static int SendTo(Socket socket, ReadOnlySpan<byte> data, EndPoint remote)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        Span<byte> address = stackalloc byte[AddressBytes.MaxLength];
        return Libc.SendTo(descriptor.Number, data, address[..AddressBytes.Write(remote, socket.AddressFamily, address)]);
    }

    private static int Connect(Socket socket, IPEndPoint remote)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        Span<byte> address = stackalloc byte[AddressBytes.MaxLength];
        return Libc.Connect(descriptor.Number, address[..AddressBytes.Write(remote, socket.AddressFamily, address)]);
    }

    private static int Accept(Socket socket)
    {
        using var descriptor = new HeldDescriptor(socket.SafeHandle);
        return Libc.Accept(descriptor.Number, default);
    }
}
