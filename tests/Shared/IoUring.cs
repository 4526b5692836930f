using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>The loop over io_uring, where there is one.</summary>
internal static class IoUring
{
    /// <summary>Makes one. Where the kernel has none, or a sandbox forbids it, the test is skipped.</summary>
    public static IoUringEventLoop NewLoop()
    {
        Assert.SkipUnless(IoUringEventLoop.TryCreate(out var loop), "io_uring is not to be had here.");
        return loop!;
    }
}
