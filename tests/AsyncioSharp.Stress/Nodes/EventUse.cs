namespace AsyncioSharp.Stress.Nodes;

/// <summary>Sets an event, clears it, or waits for it.</summary>
internal sealed class EventUse(int use) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        run.Step(this, task);
        switch (use)
        {
            case 0:
                run.Shared.Event.Set();
                break;
            case 1:
                run.Shared.Event.Clear();
                break;
            default:
                await run.Shared.Event.WaitAsync(run, this);
                break;
        }
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Line(use switch
    {
        0 => "asyncEvent.Set();",
        1 => "asyncEvent.Clear();",
        _ => "await asyncEvent.WaitAsync();",
    });
}
