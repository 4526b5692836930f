namespace AsyncioSharp.Stress.Nodes;

/// <summary>One after the other, in a method without handlers.</summary>
internal sealed class Sequence(params IEnumerable<Node> parts) : Node(parts)
{
    public override int FixedParts => 0;

    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        foreach (var part in Parts)
        {
            await part.RunAsync(run);
            run.Step(this, task);
        }
    }

    public override void WriteTo(Listing listing)
    {
        foreach (var part in Parts)
            part.WriteTo(listing);
    }
}
