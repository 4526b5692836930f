namespace AsyncioSharp.Stress.Nodes;

/// <summary>A number of methods without handlers, each of which awaits the next.</summary>
internal sealed class Call(int depth, Node body) : Node(body)
{
    public override Coroutine RunAsync(Run run) => CallAsync(run, depth);

    public override void WriteTo(Listing listing) => listing.Block($"await CallAsync(depth: {depth}, async () =>", ");", Parts);

    private async Coroutine CallAsync(Run run, int levels)
    {
        var task = Asyncio.CurrentTask;
        if (levels > 1)
            await CallAsync(run, levels - 1);
        else
            await Parts[0].RunAsync(run);
        run.Step(this, task);
    }
}
