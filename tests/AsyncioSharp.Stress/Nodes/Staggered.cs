namespace AsyncioSharp.Stress.Nodes;

/// <summary>Attempts that start one after another; the first that succeeds wins.</summary>
internal sealed class Staggered(int seconds, params IEnumerable<Node> parts) : Together(parts)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        var attempts = Parts.Select((_, i) => (Func<Coroutine<int>>)(() => NumberedAsync(run, i)));
        var ended = false;
        run.WillWait(new ConditionalWait("attempts", () => !ended, isDirect: false));
        var result = await StaggeredRace.RunAsync(attempts, seconds < 0 ? null : TimeSpan.FromSeconds(seconds));
        ended = true;
        foreach (var exception in result.Exceptions)
        {
            if (exception is not null)
                Failures.See(exception);
        }
        if (result.HasWinner ? result.Result != result.WinnerIndex : result.Exceptions.Any(exception => exception is null))
            run.Complain(this, $"{result} of {Parts.Count} attempts");
        run.Step(this, task);
    }

    public override void WriteTo(Listing listing) =>
        listing.List($"await StaggeredRace.RunAsync(delay: {(seconds < 0 ? "null" : seconds)}, [", Parts, "]);");
}
