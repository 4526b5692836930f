using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Signals;

/// <summary>Signals to this very process; each test uses one that no other does.</summary>
public abstract class SignalHandlerTests : OnNetwork
{
    private const int FirstRealTime = 34;

    private readonly int _offset;

    protected SignalHandlerTests(EventLoop loop, int offset)
        : base(loop)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals have other numbers elsewhere");
        _offset = offset;
    }

    private int RealTime(int number) => FirstRealTime + 10 * _offset + number;

    private static void Raise(int signal) => Assert.Equal(0, kill(Environment.ProcessId, signal));

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_add_signal_handler")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_add_signal_handler")]
    public void A_signal_calls_back_on_the_loop() => Run(async () =>
    {
        var called = 0;
        Loop.AddSignalHandler(RealTime(0), () =>
        {
            Assert.Same(Loop, EventLoop.Running);
            called++;
        });

        Raise(RealTime(0));
        await Until(() => called == 1);

        Assert.True(Loop.RemoveSignalHandler(RealTime(0)));
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_signal_handling_while_selecting")]
    public void A_signal_wakes_a_loop_that_waits() => Run(async () =>
    {
        var signaled = Loop.CreateFuture<bool>();
        Loop.AddSignalHandler(RealTime(1), () => signaled.SetResult(true));
        _ = Task.Run(() => Raise(RealTime(1)), CancellationToken.None);

        await signaled;
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_signal_handling_args")]
    public void A_handler_runs_in_the_context_in_which_it_was_added() => Run(async () =>
    {
        var local = new AsyncLocal<string> { Value = "added here" };
        var seen = Loop.CreateFuture<string?>();
        Loop.AddSignalHandler(RealTime(2), () => seen.SetResult(local.Value));
        local.Value = "changed";

        Raise(RealTime(2));

        Assert.Equal("added here", await seen);
    });

    [Fact]
    public void The_last_handler_is_called() => Run(async () =>
    {
        var called = new List<string>();
        Loop.AddSignalHandler(RealTime(3), () => called.Add("first"));
        Loop.AddSignalHandler(RealTime(3), () => called.Add("second"));

        Raise(RealTime(3));
        await Until(() => called.Count > 0);

        Assert.Equal(["second"], called);
    });

    [Fact]
    public void A_handler_may_add_and_remove_handlers() => Run(async () =>
    {
        var called = 0;
        Loop.AddSignalHandler(RealTime(4), () =>
        {
            called++;
            Assert.True(Loop.RemoveSignalHandler(RealTime(4)));
            Loop.AddSignalHandler(RealTime(4), () => called += 10);
            Raise(RealTime(4));
        });

        Raise(RealTime(4));

        await Until(() => called == 11);
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_handle_signal_cancelled_handler")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_handle_signal_no_handler")]
    public void A_signal_on_its_way_to_a_handler_that_is_removed_calls_nobody() => Run(async () =>
    {
        var arrived = new ManualResetEventSlim();
        using var other = PosixSignalRegistration.Create((PosixSignal)RealTime(5), context =>
        {
            context.Cancel = true;
            arrived.Set();
        });
        Loop.AddSignalHandler(RealTime(5), () => Assert.Fail("it was removed"));
        Raise(RealTime(5));
        arrived.Wait(TestContext.Current.CancellationToken); // it is told of, and not yet called
        Loop.RemoveSignalHandler(RealTime(5));

        await Expect.Turns(10);
    });

    [Fact]
    public void A_signal_on_its_way_to_a_handler_that_is_replaced_calls_the_new_one() => Run(async () =>
    {
        var arrived = new ManualResetEventSlim();
        using var other = PosixSignalRegistration.Create((PosixSignal)RealTime(7), context =>
        {
            context.Cancel = true;
            arrived.Set();
        });
        var local = new AsyncLocal<int> { Value = 1 };
        List<int> called = [];
        Loop.AddSignalHandler(RealTime(7), () => Assert.Fail("it was replaced"));
        Raise(RealTime(7));
        arrived.Wait(TestContext.Current.CancellationToken); // it is told of, and not yet called
        local.Value = 2;
        Loop.AddSignalHandler(RealTime(7), () => called.Add(local.Value));
        local.Value = 3;

        await Until(() => called.Count > 0);
        await Expect.Turns(10);
        Assert.Equal([2], called);
        Loop.RemoveSignalHandler(RealTime(7));
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_remove_signal_handler")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_remove_signal_handler_2")]
    public void Removing_tells_whether_there_was_a_handler()
    {
        Loop.AddSignalHandler(RealTime(6), () => { });

        Assert.True(Loop.RemoveSignalHandler(RealTime(6)));
        Assert.False(Loop.RemoveSignalHandler(RealTime(6)));
    }

    [Theory]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_check_signal")]
    [InlineData(9)]
    [InlineData(19)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1000)]
    public void What_nobody_can_handle_is_refused(int signal) =>
        Assert.ThrowsAny<ArgumentException>(() => Loop.AddSignalHandler(signal, () => { }));

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopSignalTests", "test_close")]
    public void A_closed_loop_handles_nothing() => Run(async () =>
    {
        var called = 0;
        using (var other = new PortableEventLoop())
            other.AddSignalHandler(RealTime(7), () => Assert.Fail("its loop is closed"));
        Loop.AddSignalHandler(RealTime(7), () => called++);

        Raise(RealTime(7));

        await Until(() => called == 1);
    });

    [Fact]
    public void Several_loops_handle_the_same_signal() => Run(async () =>
    {
        var called = 0;
        await using var other = new EventLoopThread();
        var otherCalled = Loop.CreateFuture<bool>();
        await other.RunAsync(async () =>
        {
            EventLoop.Running.AddSignalHandler(RealTime(8), () => Loop.CallSoonThreadsafe(() => otherCalled.TrySetResult(true)));
            await Asyncio.Yield();
        });
        Loop.AddSignalHandler(RealTime(8), () => called++);

        Raise(RealTime(8));

        await otherCalled;
        await Until(() => called == 1);
    });

    [Fact]
    public void A_handler_that_fails_is_reported() => Run(async () =>
    {
        Loop.AddSignalHandler(RealTime(9), () => throw new FormatException("in a handler"));
        Raise(RealTime(9));
        ExceptionContext[] reports = [];
        await Until(() => (reports = Reports()).Length > 0);

        Assert.IsType<FormatException>(Assert.Single(reports).Exception);
    });

    [Fact]
    public void Signals_have_names_and_numbers()
    {
        Assert.False(Loop.RemoveSignalHandler(PosixSignal.SIGHUP));
        Loop.AddSignalHandler(PosixSignal.SIGHUP, () => { });

        Assert.True(Loop.RemoveSignalHandler(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.RemoveSignalHandler((PosixSignal)(-100)));
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int process, int signal);
}

[Collection(nameof(Alone))]
public sealed class EpollSignalHandlerTests() : SignalHandlerTests(new EpollEventLoop(), 0);

[Collection(nameof(Alone))]
public sealed class IoUringSignalHandlerTests() : SignalHandlerTests(IoUring.NewLoop(), 0);

[Collection(nameof(Alone))]
public sealed class PortableSignalHandlerTests() : SignalHandlerTests(new PortableEventLoop(), 1);
