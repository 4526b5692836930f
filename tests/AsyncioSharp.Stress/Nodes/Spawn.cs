namespace AsyncioSharp.Stress.Nodes;

/// <summary>Starts a task on its own, which others can await or cancel by the number of its slot.</summary>
internal sealed class Spawn(int slot, bool eager, Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var current = Asyncio.CurrentTask;
        var task = Asyncio.CreateTask(Parts[0].RunAsync(run), eagerStart: eager);
        run.Slots[slot] = task;
        run.Step(this, current);
        await Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) =>
        listing.Block($"tasks[{slot}] = Asyncio.CreateTask(async () =>", eager ? ", eagerStart: true);" : ");", Parts);
}
