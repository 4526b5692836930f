namespace AsyncioSharp.Stress.Nodes;

/// <summary>Lets some turns of the loop pass.</summary>
internal sealed class Yield(int turns) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        for (var i = 0; i < turns; i++)
        {
            run.Step(this, task);
            run.WillWait(Wait.Briefly);
            await Asyncio.Yield();
        }
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing)
    {
        for (var i = 0; i < turns; i++)
            listing.Line("await Asyncio.Yield();");
    }
}
