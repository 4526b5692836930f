namespace AsyncioSharp.Stress.Nodes;

/// <summary>Fails.</summary>
internal sealed class Throw : Node
{
    public override async Coroutine RunAsync(Run run)
    {
        run.Step(this);
        await Coroutine.Completed;
        throw run.Fail(this);
    }

    public override void WriteTo(Listing listing) => listing.Line("throw new ScriptedFailure();");
}
