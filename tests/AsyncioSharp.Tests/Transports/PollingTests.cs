using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;
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
}

public sealed class PortablePollingTests() : PollingTests(new PortableEventLoop());
