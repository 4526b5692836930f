using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Sockets;

namespace AsyncioSharp.Tests.Faults;

/// <summary>A loop of Linux that has nothing to do looks for events a few times more before it sleeps, as long as that is worth it. Its calls of
/// the kernel are counted, which is why these tests are here.</summary>
[Collection(nameof(Alone))]
public sealed class LookoutTests
{
    private const string Waiting = "epoll_wait epoll_pwait2";

    [Fact]
    public void What_comes_while_the_loop_looks_is_found_without_sleeping()
    {
        using var pair = new SocketPair();
        using var loop = new EpollEventLoop();
        using (new FaultPlan(Waiting, error: 0, at: 0) { OnCall = number => Arrive(pair.Far, number) })
            Assert.Equal(1, loop.RunUntilComplete(ReceiveAsync(loop, pair.Near)));

        // With the second look. A loop that sleeps with the first call makes no second one before the timeout.
        static void Arrive(Socket socket, int number)
        {
            if (number == 2)
                socket.Send([1]);
        }
    }

    // These sleeps are real: what is counted is what the loop asks the kernel for.
    [Theory]
    [InlineData(false, Waiting)]
    [InlineData(true, "io_uring_enter")] // looks without it, once it has submitted
    public void A_loop_that_always_waits_longer_than_it_looks_hardly_ever_looks(bool onRing, string calls)
    {
        const int Sleeps = 300;
        using var pair = new SocketPair();
        using EventLoop loop = onRing ? IoUring.NewLoop() : new EpollEventLoop();
        using var plan = new FaultPlan(calls, error: 0, at: 0);

        loop.RunUntilComplete(SleepAsync(pair.Near));

        // One for each sleep, a few for looks, and room for a system that wakes somewhat early. Looking each time would take 2100.
        Assert.InRange(plan.Count, Sleeps, 2 * Sleeps);

        // A connection, as the ring is not used for nothing.
        static async Coroutine SleepAsync(Socket socket)
        {
            var (_, writer) = await Asyncio.OpenConnectionAsync(new ConnectionOptions { Socket = socket });
            await using var closing = writer;
            for (var i = 0; i < Sleeps; i++)
                await Asyncio.Sleep(0.001);
        }
    }

    // Each loop would look before its first sleep, as it has had no disappointment yet.
    [Fact]
    public void A_timer_that_is_due_soon_is_not_held_up_by_looks()
    {
        const int Loops = 20;
        var calls = 0;
        for (var i = 0; i < Loops; i++)
        {
            using var loop = new EpollEventLoop();
            using var plan = new FaultPlan(Waiting, error: 0, at: 0);
            loop.RunUntilComplete(Asyncio.Sleep(0.00008));
            calls += plan.Count;
        }

        // One for the sleep, and perhaps one more for a system that wakes somewhat early. With looks there would be seven.
        Assert.InRange(calls, 1, 3 * Loops);
    }

    private static async Coroutine<int> ReceiveAsync(EventLoop loop, Socket socket) =>
        await Asyncio.WaitFor(loop.SockReceiveAsync(socket, new byte[1]), 5);
}
