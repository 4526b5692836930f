namespace AsyncioSharp.Stress.Nodes;

/// <summary>A task with a callback, awaited.</summary>
internal sealed class Watched(bool eager, Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var inner = Asyncio.CreateTask(Parts[0].RunAsync(run), eagerStart: eager);
        run.Expected++;
        var added = false;
        inner.AddDoneCallback(done =>
        {
            if (!added || !ReferenceEquals(done, inner) || !done.IsCompleted)
                run.Complain(this, $"a callback was called too early, with {done}");
            run.Expected--;
            run.Step(this);
        });
        added = true;
        run.WillAwait(inner);
        await inner;
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.Block(
            "await Asyncio.CreateTask(async () =>", eager ? ", eagerStart: true); // with a done callback" : "); // with a done callback", Parts);
}
