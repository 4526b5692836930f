namespace AsyncioSharp.Stress.Nodes;

/// <summary>Gets items with <c>await foreach</c>, at most so many.</summary>
internal sealed class GetEach(int queue, int count) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        await run.Shared.Queue(queue).GetEachAsync(run, this, count);
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Line($"await foreach (var item in queues[{queue}]) if (++got == {count}) break;");
}
