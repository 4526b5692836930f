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
}
