using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Faults;

/// <summary>Sockets of the program's own: connected, accepted, sent to and received from by the loop.</summary>
internal sealed class SocketRun : FaultRun
{
    private const int Length = 3_000_000;
    private static readonly byte[] s_data = RandomBytes(Length);

    private readonly List<byte> _received = [];

    public override bool IsWhole => _received.Count == Length;

    protected override async Coroutine MainAsync()
    {
        var loop = EventLoop.Running;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var receives = new AsyncEvent();
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(SendAsync(loop, near, listener.LocalEndPoint!, receives));
            using var far = await loop.SockAcceptAsync(listener);
            var buffer = new byte[50_000];
            receives.Set(); // so that nothing is there yet, and the first call has to wait
            int count;
            while ((count = await loop.SockReceiveAsync(far, buffer)) > 0)
                _received.AddRange(buffer.AsSpan(0, count));
        });
    }

    protected override void Check() =>
        Assert.True(s_data.AsSpan().StartsWith(_received.ToArray()), "Something was lost, came twice or in another order.");

    private static async Coroutine SendAsync(EventLoop loop, Socket socket, EndPoint remote, AsyncEvent receives)
    {
        await loop.SockConnectAsync(socket, remote);
        await receives.WaitAsync();
        await loop.SockSendAllAsync(socket, s_data);
        socket.Shutdown(SocketShutdown.Send);
    }
}
