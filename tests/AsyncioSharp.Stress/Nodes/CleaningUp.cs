namespace AsyncioSharp.Stress.Nodes;

/// <summary>A method that waits, and may fail, while it cleans up.</summary>
internal sealed class CleaningUp(Node body, Node cleanUp) : Node(body, cleanUp)
{
    public override async Coroutine RunAsync(Run run)
    {
        var task = Asyncio.CurrentTask;
        Exception? inFlight = null;
        run.Entered++;
        try
        {
            await Parts[0].RunAsync(run);
        }
        catch (Exception e) when (Note(e))
        {
        }
        finally
        {
            run.Step(this, task);
            run.Left++;
            run.Handling();
            // What the block throws takes the place of what was in flight, which C# drops.
            Failures.Excuse(inFlight, 1);
            await Parts[1].RunAsync(run);
            Failures.Excuse(inFlight, -1);
        }

        bool Note(Exception e)
        {
            inFlight = e;
            return false;
        }
    }

    public override void WriteTo(Listing listing) => listing.Block("try", "", Parts[0]).Block("finally", "", Parts[1]);
}
