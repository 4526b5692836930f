namespace AsyncioSharp.Stress.Nodes;

/// <summary>Awaits a task that <see cref="Spawn"/> has started, if it has.</summary>
internal sealed class AwaitSlot(int slot) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var current = Asyncio.CurrentTask;
        run.Step(this, current);
        if (run.Slots[slot] is not { } task)
            return;
        run.AwaitsOthers = true;
        run.WillAwait(task);
        await task;
        if (!task.IsCompletedSuccessfully)
            run.Complain(this, $"the await ended well, but {task}");
        run.Step(this, current);
    }

    public override void WriteTo(Listing listing) => listing.Line($"await tasks[{slot}];");
}
