namespace AsyncioSharp.Stress.Nodes;

/// <summary>A timeout around a body.</summary>
/// <param name="seconds">The delay; negative for none.</param>
/// <param name="moved">To where the deadline is moved after the body, before another turn; negative for not at all.</param>
internal sealed class TimeLimit(int seconds, int moved, Node body) : Node(body)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        TimeSpan? due = seconds < 0 ? null : run.Now + TimeSpan.FromSeconds(seconds);
        TimeoutScope scope = null!;
        try
        {
            await Asyncio.Timeout(seconds < 0 ? null : TimeSpan.FromSeconds(seconds), async entered =>
            {
                scope = entered;
                await Parts[0].RunAsync(run);
                run.Step(this, task);
                if (moved >= 0 && !scope.IsExpired)
                {
                    due = run.Now + TimeSpan.FromSeconds(moved);
                    scope.Reschedule(run.Loop.Time + TimeSpan.FromSeconds(moved));
                    run.WillWait(Wait.Briefly);
                    await Asyncio.Yield();
                }
                run.Step(this, task);
            });
        }
        catch (TimeoutException) when (scope.IsExpired)
        {
            run.Handling();
            if (run.Now < due)
                run.Complain(this, "the time was over too early");
            run.Step(this, task);
            throw;
        }
    }

    public override void WriteTo(Listing listing) => listing.Block(
        $"await Asyncio.Timeout({(seconds < 0 ? "null" : seconds)}, async scope =>",
        moved >= 0 ? $" then scope.Reschedule(+{moved}), Asyncio.Yield());" : ");",
        Parts);
}
