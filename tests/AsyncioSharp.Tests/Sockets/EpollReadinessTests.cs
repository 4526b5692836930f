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

    [Fact]
    public void A_callback_is_not_passed_on_to_a_socket_that_has_got_its_number() => Run(async () =>
    {
        var number = Pair.NearDescriptor;
        Loop.AddReader(number, () => Assert.Fail("It was for the socket that was closed."));
        Pair.Near.Dispose();
        var sockets = Enumerable.Range(0, 50).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        if (sockets.Find(socket => (int)socket.Handle == number) is { } again)
        {
            var calls = 0;
            Loop.AddWriter(again, () => calls++);
            await Until(() => calls > 0);
            Assert.False(Loop.RemoveReader(again));
            Assert.True(Loop.RemoveWriter(again));
        }
        sockets.ForEach(socket => socket.Dispose());
    });
}
