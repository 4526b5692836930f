namespace AsyncioSharp.Stress.Nodes;

/// <summary>Gathers tasks, or coroutines.</summary>
internal sealed class Gathered(bool asTasks, params IEnumerable<Node> parts) : Together(parts)
{
    public bool HasTasks => asTasks;

    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        Future<int[]> all;
        if (asTasks)
        {
            var tasks = Start(run);
            run.Dropped.AddRange(tasks);
            run.WillWait(new FutureWait("a gather", tasks));
            all = Asyncio.Gather(tasks);
        }
        else
        {
            all = Asyncio.Gather(Enumerable.Range(0, Parts.Count).Select(i => NumberedAsync(run, i)));
            run.WillWait(new FutureWait(all));
        }
        run.Awaits.Add((all, task!));
        run.Step(this, task);
        var results = await all;
        if (!results.SequenceEqual(Enumerable.Range(0, Parts.Count)))
            run.Complain(this, $"the results of a gather are {string.Join(", ", results)}");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.List($"await Asyncio.Gather({(asTasks ? "Asyncio.CreateTask of " : "")}[", Parts, "]);");
}
