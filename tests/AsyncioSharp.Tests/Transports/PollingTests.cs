using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Sockets;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.Tests.Transports;

/// <summary>How a loop waits in the kernel, and what it takes from there.</summary>
public abstract class PollingTests(EventLoop loop) : OnNetwork(loop)
{
    // It sleeps for real, for a fifth of a second: what is tested is how the thread waits in the kernel.
    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_timeout_rounding")]
    public void Short_delays_are_slept_and_not_spun_away()
    {
        const int Rounds = 10; // a busy machine, or the just-in-time compiler, may spoil some
        var (elapsed, onProcessor) = (TimeSpan.Zero, TimeSpan.MaxValue);
        Run(async () =>
        {
            foreach (var seconds in new[] { 1e-2, 1e-4, 1e-6, 1e-8, 1e-10 })
                await Asyncio.Sleep(seconds);
            for (var round = 0; round < Rounds && onProcessor >= elapsed / 4; round++)
            {
                var (start, used) = (Stopwatch.GetTimestamp(), TimeOnProcessor());
                for (var i = 0; i < 100; i++)
                    await Asyncio.Sleep(0.0019); // rounded down to milliseconds, half of it would be spun away
                (elapsed, onProcessor) = (Stopwatch.GetElapsedTime(start), TimeOnProcessor() - used);
                Assert.True(elapsed >= TimeSpan.FromSeconds(0.19), $"{elapsed}");
            }
        });

        Assert.True(onProcessor < elapsed / 4, $"{onProcessor} of {elapsed}");
    }

    // Of this thread.
    private static TimeSpan TimeOnProcessor()
    {
        var nanoseconds = File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0];
        return TimeSpan.FromTicks(long.Parse(nanoseconds, CultureInfo.InvariantCulture) / 100);
    }
}

public sealed class EpollPollingTests() : LinuxPollingTests(new EpollEventLoop());

public sealed class IoUringPollingTests() : LinuxPollingTests(IoUring.NewLoop());

public abstract class LinuxPollingTests(EventLoop loop) : PollingTests(loop)
{
    private const int DuplicateFrom = 0; // F_DUPFD

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_single_selecter_event_callback_after_stopping")]
    public void An_event_is_taken_once_also_by_a_loop_that_is_stopped_in_the_same_iteration()
    {
        var recorder = new Recorder();
        Server server = null!;
        Socket peer = null!;
        Run(async () =>
        {
            server = await ServeAsync(() => recorder);
            peer = ConnectSocket(server);
            await Until(() => recorder.Transport is not null);
        });

        peer.Send("hello"u8); // over loopback it has arrived when this returns
        for (var i = 0; i < 2; i++)
        {
            Loop.CallSoon(Loop.Stop);
            Loop.RunForever();
            RunOnce();
            Assert.Equal("made data", recorder.Events);
            Assert.Equal("hello"u8, recorder.Data);
        }

        peer.Dispose();
        Run(async () =>
        {
            await Until(() => recorder.IsLost);
            await server.DisposeAsync();
        });
    }

    // The kernel ends a watch by itself when the last descriptor is closed, and only then.
    [Fact]
    public void A_closed_connection_is_watched_no_more_also_if_the_program_has_a_second_descriptor_of_it() => Run(async () =>
    {
        var recorder = new Recorder();
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        await Until(() => recorder.Transport is not null);
        var number = (int)recorder.Transport.Socket!.Handle;
        using var second = new SafeFileHandle(dup(number), ownsHandle: true);
        Assert.False(second.IsInvalid);
        if (Loop is EpollEventLoop) // the other need not watch it
            Assert.True(IsWatched((int)second.DangerousGetHandle()));

        recorder.Transport.Close();
        await Until(() => recorder.IsLost);

        Assert.False(IsWatched((int)second.DangerousGetHandle()));
    });

    // A transport has a descriptor of its own, whose number nobody else gets while it lives.
    [Fact]
    public void A_connection_whose_sockets_were_disposed_of_does_not_touch_the_next_of_their_numbers() => Run(async () =>
    {
        using var pair = new SocketPair();
        var recorder = new Recorder();
        var (transport, _) = await Loop.CreateConnectionAsync(() => recorder, null, 0, new ConnectionOptions { Socket = pair.Near });
        transport.Socket!.Dispose();
        pair.Near.Dispose();
        var others = new List<Recorder>();
        await using var server = await ServeAsync(() =>
        {
            others.Add(new Recorder());
            return others[^1];
        });
        var peers = Enumerable.Range(0, 20).Select(_ => ConnectSocket(server)).ToList();
        await Until(() => others.Count == peers.Count && others.TrueForAll(other => other.Transport is not null));

        transport.Write(new byte[20_000_000]); // more than there is room for
        transport.PauseReading();
        pair.Far.Send("data"u8);
        await Asyncio.Yield();
        transport.ResumeReading();
        peers.ForEach(peer => peer.Send("other"u8));

        await Until(() => recorder.Data.Length == 4 && others.TrueForAll(other => other.Data.Length == 5));
        transport.Abort();
        peers.ForEach(peer => peer.Dispose());
        await Until(() => recorder.IsLost && others.TrueForAll(other => other.IsLost));
    });

    // As a child process has one that was given the socket. The kernel ends no watch then, and knows it by the number that is closed.
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void What_the_program_has_closed_is_told_no_more_although_there_is_a_second_descriptor_of_it(bool byTask, bool removes) => Run(async () =>
    {
        using var pair = new SocketPair();
        using var other = new SocketPair();
        using var second = new SafeFileHandle(dup(pair.NearDescriptor), ownsHandle: true);
        var recorder = new Recorder();
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        await Until(() => recorder.Transport is not null);
        if (byTask)
        {
            await ReceiveAsync(pair); // the event stays registered
        }
        else
        {
            Loop.AddReader(pair.Near, () => { });
        }
        Loop.AddReader(other.Near, () => other.Near.Receive(new byte[10]));
        pair.Near.Dispose();
        if (removes)
            Assert.True(Loop.RemoveReader(pair.Near));
        Assert.True(IsWatched((int)second.DangerousGetHandle()));

        pair.Far.Send("data"u8);
        await Until(() => !IsWatched((int)second.DangerousGetHandle()));

        // All others are watched as before.
        peer.Send("data"u8);
        other.Far.Send("data"u8);
        await Until(() => recorder.Data.Length == 4 && other.Near.Available == 0);
        var isWoken = Loop.CreateFuture<bool>();
        new Thread(() => Loop.CallSoonThreadsafe(() => isWoken.SetResult(true))).Start();
        Assert.True(await isWoken);
        Assert.True(Loop.RemoveReader(other.Near));
        recorder.Transport.Write("answer"u8);
        await Until(() => peer.Available == 6);
    });

    [Fact]
    public void A_closed_descriptor_with_a_second_one_is_told_no_more_once_its_number_is_used_again() => Run(async () =>
    {
        using var pair = new SocketPair();
        using var next = new SocketPair();
        var number = fcntl(pair.NearDescriptor, DuplicateFrom, Loop is EpollEventLoop ? 3000 : 3500); // so high that no other test gets it meanwhile
        var wrong = false;
        Loop.AddReader(number, () => wrong = true);
        new SafeFileHandle(number, ownsHandle: true).Dispose();
        using var again = new SafeFileHandle(dup2(next.NearDescriptor, number), ownsHandle: true);
        Assert.Equal(number, (int)again.DangerousGetHandle());
        var calls = 0;
        Loop.AddReader(again, () => calls++);
        Assert.True(IsWatched(pair.NearDescriptor));

        pair.Far.Send("data"u8);
        await Until(() => !IsWatched(pair.NearDescriptor));

        Assert.Equal((false, 0), (wrong, calls));
        next.Far.Send("data"u8);
        await Until(() => calls > 0);
        Assert.True(Loop.RemoveReader(again));
    });

    [Fact]
    public void Of_a_closed_descriptor_with_a_second_one_either_side_can_be_removed() => Run(async () =>
    {
        using var pair = new SocketPair();
        using var second = new SafeFileHandle(dup(pair.NearDescriptor), ownsHandle: true);
        Loop.AddReader(pair.Near, () => { });
        Loop.AddWriter(pair.Near, () => { });
        pair.Near.Dispose();
        Assert.True(Loop.RemoveReader(pair.Near));
        Assert.True(Loop.RemoveWriter(pair.Near));
        await Until(() => !IsWatched((int)second.DangerousGetHandle()));
    });

    [Fact]
    public void What_comes_on_a_closed_descriptor_with_a_second_one_does_not_end_the_loop() => Run(async () =>
    {
        using var pair = new SocketPair();
        using var second = new SafeFileHandle(dup(pair.NearDescriptor), ownsHandle: true);
        Loop.AddWriter(pair.Near, () => { });
        await ReceiveAsync(pair);
        pair.Near.Dispose();
        pair.Far.Send("data"u8);
        await Until(() => !IsWatched((int)second.DangerousGetHandle()));
        Assert.True(Loop.RemoveWriter(pair.Near));
    });

    // Has a task wait for something that comes.
    private async Coroutine ReceiveAsync(SocketPair pair)
    {
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(pair.Near, 10));
        await Asyncio.Yield();
        pair.Far.Send("data"u8);
        Assert.Equal("data"u8.ToArray(), await receiving);
    }

    /// <summary>Whether some epoll instance of this process watches a socket.</summary>
    private static bool IsWatched(int descriptor)
    {
        var name = new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget!; // socket:[123]
        var number = long.Parse(name["socket:[".Length..^1], CultureInfo.InvariantCulture);
        var entry = $" ino:{number:x} ";
        return Directory.GetFiles("/proc/self/fdinfo").Any(file => TextOf(file).Contains(entry, StringComparison.Ordinal));
    }

    private static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }

    [DllImport("libc")]
    private static extern int dup(int descriptor);

    [DllImport("libc")]
    private static extern int dup2(int descriptor, int number);

    [DllImport("libc")]
    private static extern int fcntl(int descriptor, int command, int argument);
}

public sealed class PortablePollingTests() : PollingTests(new PortableEventLoop());
