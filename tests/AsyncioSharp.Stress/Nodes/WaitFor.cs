namespace AsyncioSharp.Stress.Nodes;

/// <summary>Waits for something with a limit.</summary>
internal sealed class WaitFor(int seconds, bool asTask, Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        if (asTask)
        {
            var inner = Asyncio.CreateTask(Parts[0].RunAsync(run));
            run.WillAwait(inner);
            await Asyncio.WaitFor(inner, seconds);
        }
        else
        {
            await Asyncio.WaitFor(Parts[0].RunAsync(run), seconds);
        }
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.Block(
            asTask ? "await Asyncio.WaitFor(Asyncio.CreateTask(async () =>" : "await Asyncio.WaitFor(async () =>", $", seconds: {seconds});", Parts);
}
