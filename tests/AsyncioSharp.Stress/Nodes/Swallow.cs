namespace AsyncioSharp.Stress.Nodes;

/// <summary>Catches cancellations, and takes back the request or leaves it.</summary>
internal sealed class Swallow(bool takesBack, Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        try
        {
            await Parts[0].RunAsync(run);
        }
        catch (OperationCanceledException e)
        {
            run.Caught(e);
            run.Step(this, task);
            if (takesBack)
                run.TakeBack();
        }
    }

    public override void WriteTo(Listing listing) => listing
        .Block("try", "", Parts)
        .Line($"catch (OperationCanceledException) {{{(takesBack ? " task.Uncancel(); " : " ")}}}");
}
