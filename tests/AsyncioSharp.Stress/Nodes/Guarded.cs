namespace AsyncioSharp.Stress.Nodes;

/// <summary>A method that cleans up, without waiting.</summary>
internal sealed class Guarded(Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        run.Entered++;
        try
        {
            await Parts[0].RunAsync(run);
        }
        finally
        {
            run.Left++;
            run.Handling();
            run.Step(this, task);
        }
    }

    public override void WriteTo(Listing listing) => listing.Block("using (guard.Enter())", "", Parts);
}
