namespace AsyncioSharp.Stress.Nodes;

/// <summary>The base of what waits for several tasks.</summary>
internal abstract class Together(params IEnumerable<Node> parts) : Node(parts)
{
    public override int FixedParts => 0;

    protected List<AsyncioTask<int>> Start(Run run)
    {
        var tasks = new List<AsyncioTask<int>>(Parts.Count);
        for (var i = 0; i < Parts.Count; i++)
            tasks.Add(Asyncio.CreateTask(NumberedAsync(run, i)));
        return tasks;
    }

    protected async Coroutine<int> NumberedAsync(Run run, int index)
    {
        await Parts[index].RunAsync(run);
        return index;
    }
}
