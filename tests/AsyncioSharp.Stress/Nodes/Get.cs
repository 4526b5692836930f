namespace AsyncioSharp.Stress.Nodes;

/// <summary>Gets items from a queue.</summary>
internal sealed class Get(int queue, int count, bool tells) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var from = run.Shared.Queue(queue);
        for (var i = 0; i < count; i++)
        {
            await from.GetAsync(run, this);
            run.Step(this, task);
            if (tells)
                from.TaskDone();
        }
    }

    public override void WriteTo(Listing listing) =>
        listing.Line($"for (var i = 0; i < {count}; i++) {{ await queues[{queue}].GetAsync(); {(tells ? "queue.TaskDone(); " : "")}}}");
}
