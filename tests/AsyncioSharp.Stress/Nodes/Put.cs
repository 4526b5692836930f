namespace AsyncioSharp.Stress.Nodes;

/// <summary>Puts items into a queue.</summary>
internal sealed class Put(int queue, int count) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        for (var i = 0; i < count; i++)
        {
            await run.Shared.Queue(queue).PutAsync(run);
            run.Step(this, task);
        }
    }

    public override void WriteTo(Listing listing) => listing.Line($"for (var i = 0; i < {count}; i++) await queues[{queue}].PutAsync(next++);");
}
