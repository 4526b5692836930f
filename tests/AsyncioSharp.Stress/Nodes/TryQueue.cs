namespace AsyncioSharp.Stress.Nodes;

/// <summary>Puts and gets without waiting, between those who wait.</summary>
internal sealed class TryQueue(int queue, bool puts) : Node
{
    public override Coroutine RunAsync(Run run)
    {
        run.Step(this);
        if (puts)
            run.Shared.Queue(queue).TryPut(run, this);
        else
            run.Shared.Queue(queue).TryGet(run, this);
        return Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) => listing.Line(puts ? $"queues[{queue}].TryPut(next++);" : $"queues[{queue}].TryGet(out _);");
}
