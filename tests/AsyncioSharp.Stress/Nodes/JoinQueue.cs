namespace AsyncioSharp.Stress.Nodes;

/// <summary>Waits until every item of a queue is dealt with.</summary>
internal sealed class JoinQueue(int queue) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        await run.Shared.Queue(queue).JoinAsync(run);
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Line($"await queues[{queue}].JoinAsync();");
}
