namespace AsyncioSharp.Stress.Nodes;

/// <summary>With a condition's lock held, waits for something, or makes it come true and tells those who wait.</summary>
internal sealed class ConditionUse(int use, Node before) : Node(before)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var condition = run.Shared.Condition;
        await condition.InsideAsync(run, async () =>
        {
            await Parts[0].RunAsync(run);
            run.Step(this, task);
            switch (use)
            {
                case 0:
                    await condition.WaitUntilGrownAsync(run, this);
                    break;
                case 1:
                    condition.Grow();
                    break;
                case 2:
                    await condition.TakeAsync(run, this);
                    break;
                default:
                    condition.Give();
                    break;
            }
            run.Step(this, task);
        });
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.Block("using (await condition.AcquireAsync())", "", Parts).Line("    and then " + Use);

    private string Use => use switch
    {
        0 => "{ var before = number; await condition.WaitForAsync(() => number > before); }",
        1 => "{ number++; condition.NotifyAll(); }",
        2 => "{ await otherCondition.WaitForAsync(() => stock > 0); stock--; }",
        _ => "{ stock++; otherCondition.Notify(); }",
    };
}
