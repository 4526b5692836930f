namespace AsyncioSharp.Stress.Nodes;

/// <summary>Takes a lock, or a place of a semaphore, without waiting, and gives it back at once.</summary>
internal sealed class TryHolding(int which) : Node
{
    public override Coroutine RunAsync(Run run)
    {
        run.Step(this);
        run.Shared.PlacesOf(which).TryEnter(run, this);
        return Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) => listing.Line($"if ({Holding.NameOf(which)}.TryAcquire()) {Holding.NameOf(which)}.Release();");
}
