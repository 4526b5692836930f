namespace AsyncioSharp.Stress.Nodes;

/// <summary>A group with tasks. Its first part is the body, the others are tasks.</summary>
/// <param name="late">How many of the tasks start after the body; the rest before.</param>
/// <param name="eager">Whether the first task starts eagerly.</param>
/// <param name="cancels">Whether the body ends by cancelling the group.</param>
/// <param name="checks">Whether the methods around it have handlers.</param>
/// <param name="kind">What it does otherwise than asyncio's.</param>
internal sealed class Group(Node body, Node[] tasks, int late, bool eager, bool cancels, bool checks, GroupKind kind) : Node([body, .. tasks])
{
    public override int FixedParts => 1;

    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask!;
        var open = new OpenGroup(task, []);
        run.Groups.Add(open);
        if (checks)
            await CheckedAsync(run, open);
        else
            await TaskGroup.RunAsync(group => BodyAsync(run, group, open), Options);
        if (open.IsPending)
            run.Complain(this, "a task outlived its group");
        if (open.Tasks.Exists(task => task.IsFaulted))
            run.Complain(this, "a task failed, and the group did not");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing)
    {
        listing.Line($"await TaskGroup.RunAsync(async group => // the last {Math.Min(late, Parts.Count - 1)} tasks start after the body; {kind}");
        for (var i = 1; i < Parts.Count; i++)
            listing.Block("    group.CreateTask(async () =>", eager && i == 1 ? ", eagerStart: true);" : ");", Parts[i]);
        listing.Block("    body", "", Parts[0]);
        if (cancels)
            listing.Line("    group.Cancel();");
        listing.Line(");");
    }

    private async Coroutine BodyAsync(Run run, TaskGroup group, OpenGroup open)
    {
        var early = Parts.Count - late;
        for (var i = 1; i < early; i++)
            Start(run, group, open, i);
        run.Step(this, open.Parent);
        await Parts[0].RunAsync(run);
        for (var i = Math.Max(early, 1); i < Parts.Count; i++)
            Start(run, group, open, i);
        run.Step(this, open.Parent);
        if (cancels)
            group.Cancel();
    }

    // The same with handlers: how the body ended decides what the group has to do.
    private async Coroutine CheckedAsync(Run run, OpenGroup open)
    {
        List<AsyncioTask> toCancel = [];
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                try
                {
                    await BodyAsync(run, group, open);
                }
                catch
                {
                    toCancel = open.Tasks.FindAll(task => !task.IsCompleted);
                    throw;
                }
                finally
                {
                    open.IsLeaving = true;
                }
            }, Options);
        }
        finally
        {
            run.Handling();
            if (open.IsPending)
                run.Complain(this, "a task outlived its group");
            if (toCancel.Exists(task => task.CancelRequests == 0))
                run.Complain(this, "the body failed, and a task was not cancelled");
        }
    }

    private TaskGroupOptions? Options => kind switch
    {
        GroupKind.Bounded => new TaskGroupOptions { MaxConcurrency = 1 },
        GroupKind.Supervising => new TaskGroupOptions { Supervising = true },
        _ => null,
    };

    private async Coroutine AloneAsync(Run run, OpenGroup open, Node part)
    {
        if (open.Running++ > 0)
            run.Complain(this, "two tasks run at a time");
        try
        {
            await part.RunAsync(run);
        }
        finally
        {
            run.Handling();
            open.Running--;
        }
    }

    private void Start(Run run, TaskGroup group, OpenGroup open, int index)
    {
        try
        {
            var child = kind == GroupKind.Bounded ? AloneAsync(run, open, Parts[index]) : Parts[index].RunAsync(run);
            open.Tasks.Add(group.CreateTask(child, eagerStart: eager && index == 1));
        }
        catch (InvalidOperationException)
        {
            // It is shutting down.
        }
    }
}
