namespace AsyncioSharp.Stress.Nodes;

/// <summary>Nothing.</summary>
internal sealed class Pass : Node
{
    public override Coroutine RunAsync(Run run)
    {
        run.Step(this);
        return Coroutine.Completed;
    }

    public override void WriteTo(Listing listing) { }
}
