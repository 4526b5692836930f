using System.Diagnostics;
using System.Reflection;

namespace AsyncioSharp.Tests;

/// <summary>Counts what is allocated.</summary>
internal static class Allocations
{
    /// <summary>So many operations, run by the body, must allocate less than one byte each once they run steadily.</summary>
    public static async Coroutine AssertNoneAsync(int count, Func<Coroutine> body)
    {
        // The C# compiler makes state machines classes in a debug build, and the JIT boxes awaiters there.
        var optimized = typeof(Allocations).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
        Assert.SkipUnless(optimized, "This is measured in optimized code: dotnet test -c Release.");
        var allocated = long.MaxValue;
        // The first rounds warm up: methods are compiled, pools fill.
        for (var round = 0; round < 8 && allocated >= count; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            await body();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated < count, $"{allocated} bytes for {count} operations");
    }
}
