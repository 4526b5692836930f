namespace AsyncioSharp.Stress.Nodes;

/// <summary>With a condition's lock held, waits for a number to grow, or lets it grow and tells all.</summary>
internal sealed class ConditionUse(bool waits, Node before) : Node(before)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var condition = run.Shared.Condition;
        await condition.InsideAsync(run, async () =>
        {
            await Parts[0].RunAsync(run);
            run.Step(this, task);
            if (waits)
                await condition.WaitAsync(run, this);
            else
                condition.Advance();
            run.Step(this, task);
        });
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) => listing
        .Block("using (await condition.AcquireAsync())", "", Parts)
        .Line(waits
            ? "    and then { var before = number; await condition.WaitForAsync(() => number > before); }"
            : "    and then { number++; condition.NotifyAll(); }");
}
