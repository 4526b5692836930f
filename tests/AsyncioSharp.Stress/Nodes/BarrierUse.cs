namespace AsyncioSharp.Stress.Nodes;

/// <summary>Waits at a barrier for two, resets it or breaks it.</summary>
internal sealed class BarrierUse(int use) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        run.Step(this, task);
        await (use switch
        {
            0 => run.Shared.Barrier.ResetAsync(run),
            1 => run.Shared.Barrier.AbortAsync(run),
            _ => run.Shared.Barrier.WaitAsync(run, this),
        });
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Line(use switch
    {
        0 => "await barrier.ResetAsync();",
        1 => "await barrier.AbortAsync();",
        _ => "await barrier.WaitAsync();",
    });
}
