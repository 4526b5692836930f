namespace AsyncioSharp.Stress.Nodes;

/// <summary>A body awaited by an <c>async Task</c> method, which a coroutine awaits.</summary>
internal sealed class Foreign(Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var call = CallAsync(run);
        // What runs in there runs in a task of its own.
        run.WillWait(new ConditionalWait("an async Task method", () => !call.IsCompleted, isDirect: false));
        await call;
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.Block("await AsyncTaskMethod(async () =>", ");", Parts);

    private async Task CallAsync(Run run)
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
            run.Step(this, task);
        }
    }
}
