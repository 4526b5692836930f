namespace AsyncioSharp.Stress.Nodes;

/// <summary>A body inside an <c>async IAsyncEnumerable</c>.</summary>
internal sealed class Enumerated(Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var ended = false;
        run.WillWait(new ConditionalWait("an async iterator", () => !ended, isDirect: false));
        await foreach (var _ in ItemsAsync(run, () => ended = true))
            run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Block("await foreach (var _ in AsyncEnumerable(async () =>", "));", Parts);

    private async IAsyncEnumerable<int> ItemsAsync(Run run, Action end)
    {
        run.Entered++;
        try
        {
            yield return 1;
            await Parts[0].RunAsync(run);
            yield return 2;
        }
        finally
        {
            run.Left++;
            end();
        }
    }
}
