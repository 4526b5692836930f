using System.Diagnostics.Tracing;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// What metrics, traces and events tell of a task.
public abstract partial class AsyncioTask
{
    internal void NoteStart()
    {
        if ((Loop.TracedActivities & TracedActivities.Tasks) != 0)
            StartActivity();
        if (TelemetryOnDemand.WritesEvents && AsyncioEventSource.Log.IsEnabled(EventLevel.Informational, AsyncioEventSource.Keywords.Tasks))
            AsyncioEventSource.Log.TaskStart(Loop.Name, Id, Name, CoroutineName ?? "");
    }

    private void StartActivity()
    {
        var (activity, context) = AsyncioActivities.StartTask(this, Context ?? Loop.Context);
        if (activity is null)
            return;
        Extras.Activity = activity;
        SetContext(context!);
    }

    private void NoteStop()
    {
        if (AsyncioEventSource.Log.IsEnabled(EventLevel.Informational, AsyncioEventSource.Keywords.Tasks))
            AsyncioEventSource.Log.TaskStop(Loop.Name, Id, Name, OutcomeName);
    }

    private void CountUnsuccessful()
    {
        if (IsCanceled)
            Loop.Counters.TasksCanceled++;
        else
            Loop.Counters.TasksFailed++;
    }

    private void EndActivity()
    {
        if (_extras!.Activity is not { } activity)
            return;
        _extras.Activity = null;
        AsyncioActivities.EndTask(activity, Loop, PeekException(), OutcomeName);
    }

    private string OutcomeName => IsCanceled ? "canceled" : IsFaulted ? "failed" : "succeeded";
}
