namespace AsyncioSharp.Stress.Nodes;

/// <summary>A group with a task that is waited for until it says that it is ready, and something beside that.</summary>
internal sealed class Started(Node before, Node after, Node beside) : Node(before, after, beside)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask!;
        var open = new OpenGroup(task, []);
        run.Groups.Add(open);
        await TaskGroup.RunAsync(async group =>
        {
            var ready = false;
            run.WillWait(new ConditionalWait("a task to be ready", () => !ready, isDirect: false));
            await group.StartAsync(async signal =>
            {
                open.Tasks.Add(Asyncio.CurrentTask!);
                await Parts[0].RunAsync(run);
                ready = true;
                signal.Set();
                await Parts[1].RunAsync(run);
            });
            if (!ready)
                run.Complain(this, "a task counts as ready that has not said so");
            run.Step(this, task);
            await Parts[2].RunAsync(run);
            run.Step(this, task);
        });
        if (open.IsPending)
            run.Complain(this, "a task outlived its group");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing
        .Line("await TaskGroup.RunAsync(async group =>")
        .Block("    await group.StartAsync(async signal =>", "", Parts[0])
        .Block("    signal.Set();", ");", Parts[1])
        .Block("    body", ");", Parts[2]);
}
