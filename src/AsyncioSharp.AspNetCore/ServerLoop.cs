using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>The loop that suits Kestrel.</summary>
internal static class ServerLoop
{
    /// <summary>
    /// Makes one: over io_uring where it is to be had, as many small requests are what that is better at, both in rate and in latency.
    /// What the program's policy, or whoever runs the program, has chosen stands.
    /// </summary>
    public static EventLoop New() => !IsChosen && IoUringEventLoop.TryCreate(out var loop) ? loop : EventLoop.New();

    private static bool IsChosen =>
        EventLoopPolicy.Current.GetType() != typeof(EventLoopPolicy) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("ASYNCIOSHARP_LOOP"));
}
