namespace AsyncioSharp.Stress.Nodes;

/// <summary>Sleeps.</summary>
internal sealed class Sleep(int seconds) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        run.Step(this, task);
        run.WillWait(Wait.Briefly);
        var until = run.Now + TimeSpan.FromSeconds(seconds);
        await Asyncio.Sleep(seconds);
        if (run.Now < until)
            run.Complain(this, "woke too early");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Line($"await Asyncio.Sleep({seconds});");
}
