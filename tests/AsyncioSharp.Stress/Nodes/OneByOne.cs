namespace AsyncioSharp.Stress.Nodes;

/// <summary>Takes tasks as they complete.</summary>
internal sealed class OneByOne(int seconds, params IEnumerable<Node> parts) : Together(parts)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var tasks = Start(run);
        var taken = 0;
        var seen = 0L;
        // As long as none is taken that has completed, one more is pending.
        run.WillWait(new ConditionalWait("the next that completes", () => tasks.Count(task => task.IsCompleted) == taken));
        await foreach (var next in Asyncio.AsCompleted(tasks.Cast<IAwaitable<int>>(), seconds < 0 ? null : TimeSpan.FromSeconds(seconds)))
        {
            taken++;
            run.Step(this, task);
            seen |= 1L << await next;
        }
        if (seen != (1L << tasks.Count) - 1)
            run.Complain(this, $"of {tasks.Count} results came {seen:b}");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.List($"await foreach (var task in Asyncio.AsCompleted({(seconds < 0 ? "" : $"timeout: {seconds}, ")}[", Parts, "])) await task;");
}
