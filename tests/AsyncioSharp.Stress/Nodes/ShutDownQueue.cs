namespace AsyncioSharp.Stress.Nodes;

/// <summary>Shuts a queue down.</summary>
internal sealed class ShutDownQueue(int queue, bool immediate) : Node
{
    public override Coroutine RunAsync(Run run)
    {
        run.Step(this);
        run.Shared.Queue(queue).Shutdown(immediate);
        return Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) => listing.Line($"queues[{queue}].Shutdown(immediate: {(immediate ? "true" : "false")});");
}
