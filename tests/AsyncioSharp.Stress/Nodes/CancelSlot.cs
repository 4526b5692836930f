namespace AsyncioSharp.Stress.Nodes;

/// <summary>Cancels a task that <see cref="Spawn"/> has started, if it has.</summary>
internal sealed class CancelSlot(int slot) : Node
{
    public override Coroutine RunAsync(Run run)
    {
        run.Step(this);
        if (run.Slots[slot] is { } task)
            run.Cancel(task);
        return Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) => listing.Line($"tasks[{slot}].Cancel();");
}
