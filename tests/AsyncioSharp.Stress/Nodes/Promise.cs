namespace AsyncioSharp.Stress.Nodes;

/// <summary>Awaits a future that a timer completes, in one of three ways.</summary>
internal sealed class Promise(int seconds, int ending) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var future = run.Loop.CreateFuture<int>();
        run.Loop.CallLater(TimeSpan.FromSeconds(seconds), () => Complete(run, future));
        run.Step(this, task);
        run.WillAwait(future);
        if (await future != 7)
            run.Complain(this, "a future's result is wrong");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.Line($"await future; // a timer at +{seconds} calls {(ending == 0 ? "SetResult" : ending == 1 ? "SetException" : "Cancel")}");

    private void Complete(Run run, Future<int> future)
    {
        run.Step(this);
        if (future.IsCompleted)
            return;
        if (ending == 0)
            future.SetResult(7);
        else if (ending == 1)
            future.SetException(run.Fail(this));
        else
            CancelPromise(run, future);
    }

    private static void CancelPromise(Run run, Future<int> future)
    {
        run.AwaitsOthers = true;
        future.Cancel();
    }
}
