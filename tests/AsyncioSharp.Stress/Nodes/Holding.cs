namespace AsyncioSharp.Stress.Nodes;

/// <summary>A body that holds a lock, or a place of a semaphore.</summary>
internal sealed class Holding(int which, Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        await run.Shared.PlacesOf(which).RunInsideAsync(run, this, Parts[0]);
        run.Step(this, task);
    }

    /// <summary>Whether it is something that asyncio has too.</summary>
    public bool IsPortable => which < 3;

    public override void WriteTo(Listing listing) => listing.Block($"using (await {NameOf(which)}.AcquireAsync())", "", Parts);

    public static string NameOf(int which) => which switch
    {
        0 => "asyncLock",
        3 => "limiterOf2",
        _ => $"semaphoreOf{which}",
    };
}
