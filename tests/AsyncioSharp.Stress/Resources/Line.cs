using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>Those who wait for something that is given in the order of asking.</summary>
/// <param name="what">What they wait for.</param>
/// <param name="isTaken">Whether there is nothing to be had.</param>
/// <param name="isStrict">Whether nobody gets anything as long as one who asked before, and was given his, has not come yet.</param>
internal sealed class Line(string what, Func<bool> isTaken, bool isStrict)
{
    private readonly List<Place> _places = [];

    /// <summary>The current task asks, and is about to wait.</summary>
    public Wait Ask(Run run)
    {
        var place = new Place(this, Asyncio.CurrentTask!);
        _places.Add(place);
        run.WillWait(place);
        return place;
    }

    /// <summary>Somebody was served; none who waits must have asked before.</summary>
    /// <param name="run">The run.</param>
    /// <param name="node">Where.</param>
    /// <param name="served">What was said when it asked; null for one that asks just now.</param>
    public void Served(Run run, Node node, Wait? served)
    {
        foreach (var place in isStrict ? _places : [])
        {
            if (ReferenceEquals(place, served))
                break;
            if (place.IsWaiting(run))
            {
                run.Complain(node, $"{Asyncio.CurrentTask} overtakes {place.Task} in the line for {what}");
                break;
            }
        }
        if (served is Place mine)
            _places.Remove(mine);
    }

    private sealed class Place(Line line, AsyncioTask task) : Wait
    {
        public AsyncioTask Task => task;

        public override bool IsJustified => line.IsTaken();

        public override bool IsDirect => true;

        // One that is cancelled may stand there until its turn, and one that was is somewhere else.
        public bool IsWaiting(Run run) => !task.IsCompleted && task.CancelRequests == 0 && ReferenceEquals(run.WaitOf(task), this);

        public override string ToString() => line.What;
    }

    private string What => what;

    private bool IsTaken() => isTaken();
}
