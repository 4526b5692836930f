namespace AsyncioSharp.Stress.Nodes;

/// <summary>Catches failures, and lets cancellations pass.</summary>
internal sealed class Catch(Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        try
        {
            await Parts[0].RunAsync(run);
        }
        catch (Exception e) when (e is not OperationCanceledException && Failures.IsExpected(e))
        {
            run.Caught(e);
            run.Step(this, task);
        }
    }

    public override void WriteTo(Listing listing) =>
        listing.Block("try", "", Parts).Line("catch (Exception e) when (e is not OperationCanceledException) { }");
}
