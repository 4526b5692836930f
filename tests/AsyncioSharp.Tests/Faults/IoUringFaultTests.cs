using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>The same on the io_uring loop, and what only that can lack.</summary>
[Collection(nameof(Alone))]
public sealed class IoUringFaultTests : FaultTests
{
    protected override EventLoop NewLoop() => IoUring.NewLoopWithRing();

    [Theory]
    [InlineData("io_uring_enter", 4)] // EINTR
    [InlineData("io_uring_enter", 11)] // EAGAIN
    [InlineData("io_uring_enter", 16)] // EBUSY
    public void The_loop_calls_again(string call, int error) => AtEachCall(call, error, static () => new EchoRun(tls: false), CheckUnnoticed);

    // A kernel that is older.
    [Theory]
    [InlineData(1)] // cannot be asked what it knows
    [InlineData(2)] // takes no buffers
    [InlineData(4)] // registers no rings with threads
    public void What_the_kernel_lacks_is_done_without(int at)
    {
        using var plan = new FaultPlan("io_uring_register", error: 22, at);

        var run = Run(static () => new EchoRun(tls: false));

        Assert.True(plan.HasStruck);
        CheckUnnoticed(run);
    }

    [Theory]
    [InlineData("io_uring_setup", 38)] // ENOSYS
    [InlineData("io_uring_setup", 1)] // EPERM: a sandbox
    [InlineData("io_uring_setup", 12)] // ENOMEM
    [InlineData("io_uring_setup", 24)] // EMFILE
    [InlineData("mmap", 12)]
    [InlineData("io_uring_register", 1)] // a sandbox that allows to make it, and nothing more
    [InlineData("io_uring_register", 38)]
    [InlineData("io_uring_enter", 1)] // a sandbox that allows to prepare everything, and to do nothing
    [InlineData("io_uring_enter", 13)]
    [InlineData("io_uring_enter", 38)]
    public void Where_there_is_no_io_uring_no_loop_over_it_can_be_made(string call, int error)
    {
        var descriptors = Descriptors.Count();
        using (new FaultPlan(call, error, at: 1, length: 100))
        {
            Assert.False(IoUringEventLoop.IsSupported);
            Assert.False(IoUringEventLoop.TryCreate(out _));
            var failure = Assert.Throws<PlatformNotSupportedException>(() => new IoUringEventLoop());
            Assert.IsType<SocketException>(failure.InnerException);
        }
        Assert.Equal(descriptors, Descriptors.Count());
    }

    [Theory]
    [InlineData(12, "lock no more")] // ENOMEM
    [InlineData(24, "descriptor")] // EMFILE
    [InlineData(1, "forbidden")] // EPERM
    public void Why_no_loop_over_io_uring_can_be_made_is_told(int error, string why)
    {
        using var plan = new FaultPlan("io_uring_setup", error, at: 1, length: 100);

        Assert.Contains(why, Assert.Throws<PlatformNotSupportedException>(() => new IoUringEventLoop()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("io_uring_enter", 1)]
    [InlineData("io_uring_enter", 13)]
    [InlineData("io_uring_enter io_uring_register io_uring_setup", 1)]
    [InlineData("io_uring_enter io_uring_register io_uring_setup", 38)]
    public void A_sandbox_that_is_put_on_in_the_middle_is_not_noticed(string calls, int error) => AtEachCallFromThenOn(calls, error, CheckUnnoticed);

    [Theory]
    [InlineData(12)] // ENOMEM
    [InlineData(9)] // EBADF
    public void A_ring_that_fails_otherwise_ends_the_loop_and_nothing_is_left_of_it(int error) =>
        AtEachCallFromThenOn("io_uring_enter", error, run => Assert.True(run.Failure is null or SocketException, run.Failure?.ToString()));

    [Fact]
    public void Whoever_is_connected_to_a_loop_whose_ring_has_failed_is_told_of_its_end()
    {
        var loop = IoUring.NewLoopWithRing();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
        Assert.Throws<SocketException>(() => loop.RunUntilComplete(MainAsync()));

        loop.Close();

        Assert.Equal(0, client.Receive(new byte[1]));

        async Coroutine MainAsync()
        {
            var protocol = new Recorder();
            var server = await loop.CreateServerAsync(() => protocol, "127.0.0.1", 0);
            client.Connect(server.Sockets[0].LocalEndPoint!);
            client.Send("data"u8);
            await UntilOnLoop(() => protocol.DataCount == 4);
            using var plan = new FaultPlan("io_uring_enter", error: 9, at: 1, length: 100);
            await Asyncio.Sleep(60);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(38)]
    public void A_file_is_read_to_its_end_though_a_sandbox_is_put_on_in_the_middle(int error)
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[1_000_000]);
        for (var at = 1; ; at++)
        {
            using var loop = IoUring.NewLoopWithRing();
            using var plan = new FaultPlan("io_uring_enter io_uring_register io_uring_setup", error, at, length: 1_000_000);
            Assert.Equal(1_000_000, loop.RunUntilComplete(ReadAsync(path)));
            if (!plan.HasStruck)
                break;
        }
        File.Delete(path);

        static async Coroutine<int> ReadAsync(string path)
        {
            await using var file = await AsyncFile.OpenAsync(path);
            var (buffer, total) = (new byte[100_000], 0); // more than is read at once from the system's cache
            for (int count; (count = await file.ReadAsync(buffer)) > 0;)
                total += count;
            return total;
        }
    }

    [Theory]
    [InlineData("epoll_create1", false)]
    [InlineData("epoll_create1", true)]
    [InlineData("eventfd", false)]
    [InlineData("eventfd", true)]
    public void A_loop_that_cannot_be_made_gives_its_ring_back(string call, bool tries)
    {
        using (IoUring.NewLoopWithRing())
        {
            // What is made once is made.
        }
        var (descriptors, mappings) = (Descriptors.Count(), Mappings());
        using (var plan = new FaultPlan(call, error: 24, at: 1))
        {
            Assert.Throws<SocketException>(() => tries ? IoUringEventLoop.TryCreate(out _) : new IoUringEventLoop().IsRunning);
            Assert.True(plan.HasStruck);
        }
        Assert.Equal((descriptors, mappings), (Descriptors.Count(), Mappings()));

        static int Mappings() => File.ReadLines("/proc/self/maps").Count(static line => line.EndsWith("[io_uring]", StringComparison.Ordinal));
    }

    [Fact]
    public void A_loop_over_io_uring_takes_one_ring()
    {
        // Where little memory may be locked a second one need not be had, so that a look beforehand says nothing.
        using var plan = new FaultPlan("io_uring_setup", error: 12, at: 2);

        Assert.True(IoUringEventLoop.TryCreate(out var loop));
        loop.Close();
        Assert.Equal(1, plan.Count);
    }

    // The loop is there already, and its ring in order.
    private static void AtEachCallFromThenOn(string calls, int error, Action<EchoRun> check)
    {
        Assert.False(HasStruckAt(0)); // what is made once is made
        var descriptors = Descriptors.Count();
        var at = 1;
        while (HasStruckAt(at))
            at++;
        Assert.Equal(descriptors, Descriptors.Count());

        bool HasStruckAt(int at)
        {
            var loop = IoUring.NewLoopWithRing();
            using var plan = new FaultPlan(calls, error, at, length: 1_000_000);
            check(new EchoRun(tls: false).On<EchoRun>(() => loop));
            return plan.HasStruck;
        }
    }
}
