namespace AsyncioSharp.Stress.Nodes;

/// <summary>A cancel scope around a body.</summary>
/// <param name="seconds">When it is cancelled; negative for never.</param>
/// <param name="shield">Whether it keeps cancellations from outside away; then there is a deadline, as else nothing could end it.</param>
/// <param name="cancels">Whether it is cancelled by its own body, before that waits: 1; by a callback: 2; or not at all: 0.</param>
internal sealed class Scoped(int seconds, bool shield, int cancels, Node body) : Node(body)
{
    public bool IsShield => shield;

    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        CancelScope scope = null!;
        var due = run.Now + TimeSpan.FromSeconds(seconds);
        bool cutOff;
        try
        {
            cutOff = seconds < 0
                ? await Asyncio.CancelScope(BodyAsync, shield)
                : await Asyncio.MoveOnAfter(seconds, BodyAsync, shield);
        }
        finally
        {
            run.Handling();
            run.Scopes.Remove((scope, task!));
        }
        if (cutOff != scope.CancellationCaught)
            run.Complain(this, $"it returned {cutOff}, and that it cut the body off is {scope.CancellationCaught}");
        if (scope.IsCancelRequested && cancels == 0 && run.Now < due)
            run.Complain(this, "the time was over too early");
        run.Step(this, task);

        async Coroutine BodyAsync(CancelScope entered)
        {
            scope = entered;
            run.Scopes.Add((scope, task!));
            run.Step(this, task);
            if (cancels == 1)
                scope.Cancel();
            else if (cancels == 2)
                run.Loop.CallSoon(static scope => scope.Cancel(), scope);
            await Parts[0].RunAsync(run);
            run.Step(this, task);
        }
    }

    public override void WriteTo(Listing listing)
    {
        var head = seconds < 0 ? "await Asyncio.CancelScope(async scope =>" : $"await Asyncio.MoveOnAfter({seconds}, async scope =>";
        var canceler = cancels switch { 0 => "", 1 => " // begins with scope.Cancel()", _ => " // begins with loop.CallSoon(scope.Cancel)" };
        listing.Block(head + canceler, shield ? ", shield: true);" : ");", Parts);
    }
}
