namespace AsyncioSharp.Stress.Nodes;

/// <summary>Gathers tasks, and takes failures as results.</summary>
internal sealed class GatheredOutcomes(params IEnumerable<Node> parts) : Together(parts)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var tasks = Start(run);
        run.Dropped.AddRange(tasks);
        run.WillWait(new FutureWait("a gather of outcomes", tasks));
        var outcomes = await Asyncio.GatherOutcomes(tasks);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Exception is { } exception)
                Failures.See(exception);
            else if (outcomes[i].Value != i)
                run.Complain(this, $"outcome {i} is {outcomes[i]}");
            if (outcomes[i].IsCanceled != tasks[i].IsCanceled && !tasks[i].IsFaulted)
                run.Complain(this, $"outcome {i} is {outcomes[i]}, but {tasks[i]}");
        }
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing.List("await Asyncio.GatherOutcomes([", Parts, "]);");
}
