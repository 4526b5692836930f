namespace AsyncioSharp.Stress.Nodes;

/// <summary>Waits for some of several tasks, and cancels the rest.</summary>
internal sealed class WaitedFor(WaitUntil until, int seconds, params IEnumerable<Node> parts) : Together(parts)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        if (Parts.Count == 0)
            return;
        var tasks = Start(run);
        run.WillWait(new FutureWait($"{until}", tasks, until == WaitUntil.FirstCompleted ? tasks.Count : 1));
        var (done, pending) = await Asyncio.Wait(tasks, seconds < 0 ? null : TimeSpan.FromSeconds(seconds), until);
        if (done.Count + pending.Count != tasks.Count || done.Any(task => !task.IsCompleted))
            run.Complain(this, $"{done.Count} are done, {pending.Count} pending");
        if (seconds < 0 && done.Count == 0)
            run.Complain(this, "none is done");
        foreach (var ended in done)
        {
            if (ended.IsFaulted)
                Failures.See(ended.Exception);
        }
        foreach (var left in pending)
            run.Cancel(left);
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.List(
            "var (done, pending) = await Asyncio.Wait([", Parts, $"], {(seconds < 0 ? "null" : seconds)}, WaitUntil.{until}); pending.Cancel();");
}
