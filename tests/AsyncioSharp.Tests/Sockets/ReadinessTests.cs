using System.Diagnostics;
using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Faults;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Sockets;

/// <summary>AddReader and AddWriter.</summary>
public abstract class ReadinessTests(EventLoop loop) : OnNetwork(loop), IDisposable
{
    private readonly SocketPair _pair = new();

    private protected SocketPair Pair => _pair;

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_reader_callback")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_add_reader")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_remove_reader")]
    public void A_reader_is_called_whenever_there_is_data_until_it_is_removed() => Run(async () =>
    {
        var received = new List<byte>();
        Loop.AddReader(_pair.Near, () =>
        {
            var buffer = new byte[100];
            var count = _pair.Near.Receive(buffer);
            received.AddRange(buffer[..count]);
            if (count == 0)
                Assert.True(Loop.RemoveReader(_pair.Near));
        });

        _pair.Far.Send("abc"u8);
        await Until(() => received.Count == 3);
        _pair.Far.Send("def"u8);
        await Until(() => received.Count == 6);
        _pair.Far.Dispose();
        await Until(() => !Loop.RemoveReader(_pair.Near));
        Assert.Equal("abcdef"u8, received.ToArray());
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_writer_callback")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_add_writer")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_remove_writer")]
    public void A_writer_is_called_whenever_there_is_room_until_it_is_removed() => Run(async () =>
    {
        var calls = 0;
        Loop.AddWriter(_pair.NearDescriptor, () => calls++);
        await Until(() => calls >= 3);
        Assert.True(Loop.RemoveWriter(_pair.NearDescriptor));
        Assert.False(Loop.RemoveWriter(_pair.NearDescriptor));
        var before = calls;
        await Asyncio.Sleep(0.01); // real time: nothing may come
        Assert.Equal(before, calls);
    });

    [Fact]
    public void A_writer_known_by_number_stays_while_a_task_waits_to_read_from_its_socket() => Run(async () =>
    {
        var calls = 0;
        Loop.AddWriter(_pair.NearDescriptor, () => calls++);
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 10));
        await Expect.Turns(3);
        var before = calls;
        await Until(() => calls >= before + 3);
        _pair.Far.Send("data"u8);
        Assert.Equal("data"u8.ToArray(), await receiving);
        Assert.True(Loop.RemoveWriter(_pair.Near));
    });

    [Fact]
    public void A_reader_that_leaves_data_is_called_again() => Run(async () =>
    {
        var calls = 0;
        Loop.AddReader(_pair.Near.SafeHandle, () => calls++);
        _pair.Far.Send("data"u8);
        await Until(() => calls >= 3);
    });

    [Fact]
    public void A_reader_has_its_turn_between_the_steps_of_a_task_that_computes_for_long_and_yields() => Run(async () =>
    {
        var received = 0;
        Loop.AddReader(_pair.Near, () => received += _pair.Near.Receive(new byte[1]));
        for (var sent = 1; sent <= 3; sent++)
        {
            _pair.Far.Send("x"u8);
            var steps = 0;
            for (; received < sent; steps++)
            {
                for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(1);)
                    Thread.SpinWait(10);
                await Asyncio.Sleep(0);
            }
            Assert.InRange(steps, 0, 64);
        }
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_add_reader_existing")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_add_writer_existing")]
    public void Another_callback_takes_the_place_of_the_one_before() => Run(async () =>
    {
        int first = 0, second = 0;
        Loop.AddReader(_pair.Near, () => first++);
        Loop.AddReader(_pair.Near, () => second++);
        Loop.AddWriter(_pair.Near, () => first++);
        Loop.AddWriter(_pair.Near, () => second++);
        _pair.Far.Send("data"u8);
        await Until(() => second > 5);
        Assert.Equal(0, first);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_add_reader_existing_writer")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_remove_reader_read_write")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_remove_writer_read_write")]
    public void A_descriptor_can_have_a_reader_and_a_writer() => Run(async () =>
    {
        int reads = 0, writes = 0;
        Loop.AddReader(_pair.Near, () => reads++);
        Loop.AddWriter(_pair.Near, () => writes++);
        _pair.Far.Send("data"u8);
        await Until(() => reads > 2 && writes > 2);

        Assert.True(Loop.RemoveWriter(_pair.Near));
        (reads, writes) = (0, 0);
        await Until(() => reads > 2);
        Assert.Equal(0, writes);

        Loop.AddWriter(_pair.Near, () => writes++);
        Assert.True(Loop.RemoveReader(_pair.Near));
        (reads, writes) = (0, 0);
        await Until(() => writes > 2);
        Assert.Equal(0, reads);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_remove_reader_unknown")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_remove_writer_unknown")]
    public void Removing_what_was_not_added_says_so() => Run(async () =>
    {
        Assert.False(Loop.RemoveReader(_pair.Near));
        Assert.False(Loop.RemoveWriter(_pair.Near));
        Loop.AddReader(_pair.Near, () => { });
        Assert.False(Loop.RemoveWriter(_pair.Near));
    });

    [Fact]
    public void What_was_removed_in_the_same_turn_is_not_called() => Run(async () =>
    {
        var called = false;
        using var other = new SocketPair();
        // Both become ready at once; whichever comes first removes the other.
        Loop.AddReader(_pair.Near, () =>
        {
            Assert.False(called);
            called = true;
            Loop.RemoveReader(_pair.Near);
            Loop.RemoveReader(other.Near);
        });
        Loop.AddReader(other.Near, () =>
        {
            Assert.False(called);
            called = true;
            Loop.RemoveReader(_pair.Near);
            Loop.RemoveReader(other.Near);
        });
        _pair.Far.Send("data"u8);
        other.Far.Send("data"u8);
        await Until(() => called);
        await Expect.Turns(5);
    });

    [Fact]
    public void A_callback_that_fails_is_reported_by_name_and_called_again() => Run(async () =>
    {
        var calls = 0;
        void Read()
        {
            if (++calls == 2)
                Loop.RemoveReader(_pair.Near);
            throw new DivideByZeroException();
        }
        Loop.AddReader(_pair.Near, Read);
        _pair.Far.Send("data"u8);
        await Until(() => calls == 2);
        await Asyncio.Yield();
        var reports = Reports();
        Assert.Equal(2, reports.Length);
        Assert.All(reports, report => Assert.Contains("Read", report.Callback!.ToString()));
    });

    [Fact]
    public void Callbacks_run_in_the_context_in_which_they_were_added() => Run(async () =>
    {
        var variable = new AsyncLocal<string?> { Value = "reader" };
        var seen = new List<string?>();
        Loop.AddReader(_pair.Near, () =>
        {
            seen.Add(variable.Value);
            Loop.RemoveReader(_pair.Near);
        });
        variable.Value = "writer";
        Loop.AddWriter(_pair.Near, () =>
        {
            seen.Add(variable.Value);
            Loop.RemoveWriter(_pair.Near);
        });
        variable.Value = null;
        _pair.Far.Send("data"u8);
        await Until(() => seen.Count == 2);
        Assert.Equal(["reader", "writer"], seen.Order());
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "TestFunctional", "test_add_reader_or_writer_transport_fd")]
    public void What_belongs_to_a_transport_cannot_be_watched() => Run(async () =>
    {
        var (transport, _) = await Loop.CreateConnectionAsync(() => new Recorder(), null, 0, new ConnectionOptions { Socket = _pair.Near });
        foreach (var descriptor in new[] { _pair.NearDescriptor, (int)transport.Socket!.Handle })
        {
            Assert.Throws<InvalidOperationException>(() => Loop.AddReader(descriptor, () => { }));
            Assert.Throws<InvalidOperationException>(() => Loop.AddWriter(descriptor, () => { }));
            Assert.Throws<InvalidOperationException>(() => Loop.RemoveReader(descriptor));
            Assert.Throws<InvalidOperationException>(() => Loop.RemoveWriter(descriptor));
        }
        Assert.Throws<InvalidOperationException>(() => Loop.AddReader(_pair.Near, () => { }));
        await Expect.ThrowsAsync<InvalidOperationException>(Loop.SockReceiveAsync(_pair.Near, 10));
        transport.Abort();
        await Asyncio.Yield();
        await Asyncio.Yield();
    });

    [Fact]
    public void A_callback_and_a_task_cannot_wait_for_the_same() => Run(async () =>
    {
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 100));
        await Asyncio.Yield();
        Assert.Throws<InvalidOperationException>(() => Loop.AddReader(_pair.Near, () => { }));
        Assert.False(Loop.RemoveReader(_pair.Near));
        _pair.Far.Send("data"u8);
        Assert.Equal("data"u8.ToArray(), await receiving);

        Loop.AddReader(_pair.Near, () => { });
        await Expect.ThrowsAsync<InvalidOperationException>(Loop.SockReceiveAsync(_pair.Near, 100));
        Assert.True(Loop.RemoveReader(_pair.Near));
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_remove_fds_after_closing")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_add_fds_after_closing")]
    public void A_closed_loop_watches_nothing()
    {
        Loop.AddReader(_pair.Near, () => { });
        Loop.AddWriter(_pair.Far, () => { });
        Loop.Close();
        Assert.False(Loop.RemoveReader(_pair.Near));
        Assert.False(Loop.RemoveWriter(_pair.Far));
        Assert.Throws<ObjectDisposedException>(() => Loop.AddReader(_pair.Near, () => { }));
        Assert.Throws<ObjectDisposedException>(() => Loop.AddWriter(_pair.Near, () => { }));
    }

    [Fact]
    public void What_cannot_be_watched_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Loop.AddReader(987_654, () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.AddReader(-1, () => { }));
        Assert.Throws<ArgumentNullException>(() => Loop.AddReader(_pair.Near, null!));
        using var file = File.OpenRead(typeof(ReadinessTests).Assembly.Location);
        Assert.Contains("ToThread", Assert.Throws<NotSupportedException>(() => Loop.AddReader(file.SafeFileHandle, () => { })).Message);
        Assert.False(Loop.RemoveReader(file.SafeFileHandle));
        using var virtualLoop = LoopTest.NewLoop();
        Assert.Throws<NotSupportedException>(() => virtualLoop.AddReader(_pair.Near, () => { }));
    }

    [Fact]
    public void A_pipe_can_be_watched() => Run(async () =>
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle);
        var (reads, writes) = (0, 0);
        Loop.AddWriter(writer.SafePipeHandle, () => writes++);
        await Until(() => writes > 2);
        Assert.True(Loop.RemoveWriter(writer.SafePipeHandle));
        Loop.AddReader(reader.SafePipeHandle, () =>
        {
            if (reader.ReadByte() < 0)
                Loop.RemoveReader(reader.SafePipeHandle);
            else
                reads++;
        });
        writer.Write("ab"u8);
        await Until(() => reads == 2);
        writer.Dispose();
        await Until(() => !Loop.RemoveReader(reader.SafePipeHandle));
        Assert.Equal(2, reads);
    });

    [Fact]
    public void What_was_closed_without_being_removed_does_not_disturb_the_others() => Run(async () =>
    {
        using var other = new SocketPair();
        var (calls, gone) = (0, new SocketPair());
        Loop.AddReader(gone.NearDescriptor, () => { });
        gone.Dispose();
        Loop.AddReader(other.Near, () =>
        {
            calls += other.Near.Receive(new byte[1]);
            if (calls == 3)
                Loop.RemoveReader(other.Near);
        });
        for (var sent = 1; sent <= 3; sent++)
        {
            other.Far.Send("x"u8);
            await Until(() => calls == sent);
        }
    });

    [Fact]
    public void A_socket_closed_with_its_callback_does_no_harm_to_the_next_of_the_number() => Run(async () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var wrong = false;
        Loop.AddReader(_pair.Near, () => wrong = true);
        var number = _pair.NearDescriptor;
        _pair.Near.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Loop.AddReader(_pair.Near, () => { }));

        // Another test may come between and have the number: then this shows less, and still holds.
        var sockets = Enumerable.Range(0, 50).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var again = sockets.Find(socket => (int)socket.Handle == number) ?? sockets[0];
        again.Connect(listener.LocalEndPoint!);
        using var peer = listener.Accept();
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(again, 10));
        await Asyncio.Yield();
        peer.Send("data"u8);
        Assert.Equal("data"u8.ToArray(), await receiving);
        var called = false;
        Loop.AddReader((int)again.Handle, () => called = true);
        Assert.Equal((int)again.Handle != number, Loop.RemoveReader(_pair.Near));
        peer.Send("data"u8);
        await Until(() => called);
        Assert.False(wrong);
        sockets.ForEach(socket => socket.Dispose());
    });

    public new void Dispose()
    {
        base.Dispose();
        _pair.Dispose();
    }
}

public sealed partial class EpollReadinessTests() : ReadinessTests(new EpollEventLoop());

public sealed class IoUringReadinessTests() : ReadinessTests(IoUring.NewLoop());

public sealed class PortableReadinessTests() : ReadinessTests(new PortableEventLoop())
{
    [Fact]
    public void Closing_a_loop_does_not_fail_however_soon_the_thread_that_waits_has_ended()
    {
        for (var i = 0; i < 10; i++) // the first times .NET is still compiling
        {
            var loop = new PortableEventLoop();
            loop.AddReader(Pair.Near, () => { });
            using var plan = new FaultPlan("Send", error: 0, at: 0)
            {
                OnCall = _ => Thread.Sleep(10), // real time, in which a thread that has been told to stop would
            };

            loop.Close();

            Assert.NotEqual(0, plan.Count);
        }
    }
}
