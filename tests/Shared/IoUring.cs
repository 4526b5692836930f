using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>The loop over io_uring, where there is one.</summary>
internal static class IoUring
{
    /// <summary>Makes one that has its ring. Where the kernel has none, or a sandbox forbids it, the test is skipped.</summary>
    public static IoUringEventLoop NewLoopWithRing()
    {
        Assert.SkipUnless(IoUringEventLoop.TryCreate(out var loop), "io_uring is not to be had here.");
        return loop!;
    }

    /// <summary>Makes the one that programs get, with a ring as soon as something needs one. Where the kernel has none, or a sandbox
    /// forbids it, the test is skipped.</summary>
    public static IoUringEventLoop NewLoop()
    {
        Assert.SkipUnless(IoUringEventLoop.IsSupported, "io_uring is not to be had here.");
        return EventLoop.New() as IoUringEventLoop ?? new IoUringEventLoop(); // the environment may have chosen another
    }
}
