namespace AsyncioSharp.Stress.Nodes;

/// <summary>Cancels the task in which it runs; the next wait is to throw.</summary>
internal sealed class CancelSelf : Node
{
    public override Coroutine RunAsync(Run run)
    {
        run.Step(this);
        run.Cancel(Asyncio.CurrentTask!);
        return Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) => listing.Line("Asyncio.CurrentTask.Cancel();");
}
