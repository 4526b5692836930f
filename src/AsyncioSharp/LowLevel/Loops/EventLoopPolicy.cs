using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Which loops a program gets (<c>asyncio.AbstractEventLoopPolicy</c>). A policy is for the whole process; for one run,
/// <see cref="RunnerOptions.LoopFactory"/> is simpler.
/// </summary>
public class EventLoopPolicy
{
    private const string LoopVariable = "ASYNCIOSHARP_LOOP";

    private static EventLoopPolicy s_current = new();

    [ThreadStatic]
    private static EventLoop? t_loop;

    /// <summary>The policy in force (<c>asyncio.get_event_loop_policy()</c>, <c>asyncio.set_event_loop_policy()</c>).</summary>
    public static EventLoopPolicy Current
    {
        get => Volatile.Read(ref s_current);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref s_current, value);
        }
    }

    /// <summary>
    /// Makes a loop (<c>policy.new_event_loop()</c>): on Linux one that has its connections and files over io_uring where that is to be had, and
    /// over epoll where it is not; the portable one elsewhere. The environment variable <c>ASYNCIOSHARP_LOOP</c> chooses one, <c>epoll</c>,
    /// <c>io_uring</c> (nothing else will do) or <c>portable</c>.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The variable asks for a loop that this system has not.</exception>
    /// <exception cref="InvalidOperationException">The variable names no loop.</exception>
    public virtual EventLoop NewEventLoop()
    {
        var kind = Environment.GetEnvironmentVariable(LoopVariable);
        return string.IsNullOrEmpty(kind) && OperatingSystem.IsLinux() ? IoUringEventLoop.NewWithLateRing() : NewEventLoop(kind);
    }

    // Apart, so that a program does not load the loops that it has not.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EventLoop NewEventLoop(string? kind) => kind switch
    {
        null or "" => new PortableEventLoop(),
        "epoll" => new EpollEventLoop(),
        "io_uring" => new IoUringEventLoop(),
        "portable" => new PortableEventLoop(),
        var other => throw new InvalidOperationException(
            $"The environment variable {LoopVariable} is {other}. " +
            "It can be epoll or io_uring (Linux only) or portable; without it the loop is the one that suits the system."),
    };

    /// <summary>The loop of this thread: the one that runs, or the one that was set (<c>policy.get_event_loop()</c>).</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public virtual EventLoop GetEventLoop() => EventLoop.RunningOrNull ?? t_loop ?? throw new InvalidOperationException(
        "There is no event loop for this thread. Set one with SetEventLoop, or use Asyncio.Run.");

    /// <summary>Sets the loop of this thread, for while none runs (<c>policy.set_event_loop()</c>).</summary>
    /// <param name="loop">The loop; null for none.</param>
    public virtual void SetEventLoop(EventLoop? loop) => t_loop = loop;
}
