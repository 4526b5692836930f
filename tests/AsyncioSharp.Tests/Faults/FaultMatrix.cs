using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>Has one call of a program fail, at each of its places in turn.</summary>
public abstract class FaultMatrix
{
    protected abstract EventLoop NewLoop();

    private protected TRun Run<TRun>(Func<TRun> make)
        where TRun : FaultRun => make().On<TRun>(NewLoop);

    private protected void AtEachCall<TRun>(string call, int error, Func<TRun> make, Action<TRun> check)
        where TRun : FaultRun
    {
        int count;
        using (var plan = new FaultPlan(call, error, at: 0))
        {
            var run = Run(make);
            Assert.Null(run.Failure);
            Assert.True(run.IsWhole);
            count = plan.Count;
        }
        Assert.SkipWhen(count == 0 && this is IoUringFaultTests, $"This loop has no use for {call}.");
        Assert.NotEqual(0, count);
        var descriptors = Descriptors.Count();
        for (var at = 1; at <= count; at++)
        {
            using var plan = new FaultPlan(call, error, at);
            var run = Run(make);
            if (plan.HasStruck) // with other timing there can be fewer calls
                check(run);
        }
        Assert.Equal(descriptors, Descriptors.Count());
    }

    private protected static void CheckUnnoticed(FaultRun run)
    {
        Assert.Null(run.Failure);
        Assert.True(run.IsWhole);
        Assert.Empty(run.Reports);
    }

    // Who is concerned is told by an error of the network, or of files.
    private protected static void CheckTold(FaultRun run)
    {
        if (run.Failure is AggregateException group)
            Assert.All(group.Flatten().InnerExceptions, static failure => Assert.True(failure is IOException or SocketException, failure.ToString()));
        else
            Assert.True(run.Failure is null or IOException or SocketException, run.Failure?.ToString());
    }
}
