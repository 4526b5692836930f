using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

/// <summary>Settings that hold for every loop of the process.</summary>
[Collection(nameof(Alone))]
public class ProcessWideTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_env_var_debug")]
    [CPythonTest("test_tasks.py", "GatherTestsBase", "test_env_var_debug")]
    public void An_environment_variable_switches_debug_mode_on(string? value, bool expected)
    {
        const string Variable = "ASYNCIOSHARP_DEBUG";
        var before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, value);
        try
        {
            using var loop = new VirtualEventLoop();
            Assert.Equal(expected, loop.Debug);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    [Theory]
    [InlineData(null, typeof(IoUringEventLoop))]
    [InlineData("", typeof(IoUringEventLoop))]
    [InlineData("epoll", typeof(EpollEventLoop))]
    [InlineData("io_uring", typeof(IoUringEventLoop))]
    [InlineData("portable", typeof(PortableEventLoop))]
    [InlineData("kqueue", null)]
    public void An_environment_variable_chooses_the_loop(string? value, Type? expected)
    {
        Assert.SkipWhen(expected == typeof(IoUringEventLoop) && !IoUringEventLoop.IsSupported, "io_uring is not to be had here.");
        const string Variable = "ASYNCIOSHARP_LOOP";
        var before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, value);
        try
        {
            if (expected is null)
            {
                var failure = Assert.Throws<InvalidOperationException>(EventLoop.New);
                Assert.StartsWith("The environment variable ASYNCIOSHARP_LOOP is kqueue. It can be epoll", failure.Message);
            }
            else
            {
                using var loop = EventLoop.New();
                Assert.IsType(expected, loop);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    [Fact]
    public void A_policy_makes_the_loops()
    {
        var before = EventLoopPolicy.Current;
        EventLoopPolicy.Current = new VirtualPolicy();
        try
        {
            using (var loop = EventLoop.New())
                Assert.IsType<VirtualEventLoop>(loop);
            Assert.IsType<VirtualEventLoop>(Asyncio.Run(Running));
            Assert.Throws<ArgumentNullException>(() => EventLoopPolicy.Current = null!);
        }
        finally
        {
            EventLoopPolicy.Current = before;
        }

        static async Coroutine<EventLoop> Running() => EventLoop.Running;
    }

    [Fact]
    public void A_policy_keeps_a_loop_for_a_thread()
    {
        var policy = EventLoopPolicy.Current;
        Assert.Throws<InvalidOperationException>(policy.GetEventLoop);
        using var loop = LoopTest.NewLoop();

        policy.SetEventLoop(loop);
        try
        {
            Assert.Same(loop, policy.GetEventLoop());
            Exception? elsewhere = null;
            var thread = new Thread(() => elsewhere = Record.Exception(policy.GetEventLoop));
            thread.Start();
            thread.Join();
            Assert.IsType<InvalidOperationException>(elsewhere);
        }
        finally
        {
            policy.SetEventLoop(null);
        }
        Assert.Throws<InvalidOperationException>(policy.GetEventLoop);
    }

    private sealed class VirtualPolicy : EventLoopPolicy
    {
        public override EventLoop NewEventLoop() => new VirtualEventLoop();
    }
}
