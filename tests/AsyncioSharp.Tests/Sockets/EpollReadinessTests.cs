using System.Net.Sockets;

namespace AsyncioSharp.Tests.Sockets;

// What is so only where tasks wait for readiness, too.
public sealed partial class EpollReadinessTests
{
    [Fact]
    public void Who_waits_for_a_socket_that_was_closed_is_told_once_its_number_is_used_again() => Run(async () =>
    {
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(Pair.Near, 10));
        await Asyncio.Yield();
        var number = Pair.NearDescriptor;
        Pair.Near.Dispose();
        var sockets = Enumerable.Range(0, 50).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        if (sockets.Find(socket => (int)socket.Handle == number) is { } again)
        {
            Loop.AddReader(again, () => { });
            var failure = await Expect.ThrowsAsync<ObjectDisposedException>(receiving);
            Assert.Contains("Cancel the task first", failure.Message);
        }
        receiving.Cancel();
        sockets.ForEach(socket => socket.Dispose());
    });
}
