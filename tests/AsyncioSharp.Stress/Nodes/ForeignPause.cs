namespace AsyncioSharp.Stress.Nodes;

/// <summary>Awaits a <see cref="Task"/> that a callback of the loop completes.</summary>
/// <param name="cancelable">Whether it listens to the token of the task that waits.</param>
internal sealed class ForeignPause(bool cancelable) : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var source = new TaskCompletionSource();
        run.Loop.CallSoon(static source => source.TrySetResult(), source);
        run.Step(this, task);
        run.WillWait(Wait.Briefly);
        if (cancelable)
        {
            using (Asyncio.CancellationToken.Register(() => source.TrySetCanceled()))
                await source.Task;
        }
        else
        {
            await source.Task;
        }
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.Line(cancelable ? "await dotNetTask.WaitAsync(Asyncio.CancellationToken);" : "await dotNetTask;");
}
