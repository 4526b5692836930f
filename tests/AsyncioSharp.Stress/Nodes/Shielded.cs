namespace AsyncioSharp.Stress.Nodes;

/// <summary>Waits for a task that goes on if the wait is cancelled.</summary>
internal sealed class Shielded(Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var inner = Asyncio.CreateTask(Parts[0].RunAsync(run));
        run.WillAwait(inner);
        var shield = Asyncio.Shield(inner);
        run.Awaits.Add((shield, task!));
        await shield;
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Block("await Asyncio.Shield(async () =>", ");", Parts);
}
