using System.Diagnostics;
using System.Diagnostics.Tracing;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

// What metrics, traces and events tell of a connection, from when its protocol is told of it until it is given back.
internal abstract partial class StreamTransport
{
    private Activity? _activity;

    private static bool WritesEvents =>
        TelemetryOnDemand.WritesEvents && AsyncioEventSource.Log.IsEnabled(EventLevel.Informational, AsyncioEventSource.Keywords.Connections);

    private void NoteOpened()
    {
        if ((Loop.TracedActivities & TracedActivities.Connections) != 0)
            _activity = AsyncioActivities.StartConnection(this, Loop, isAccepted: _server is not null);
        if (WritesEvents)
            AsyncioEventSource.Log.ConnectionStart(Loop.Name, _server is not null, $"{LocalEndPoint}", $"{RemoteEndPoint}");
    }

    private void NoteClosed()
    {
        if (WritesEvents)
        {
            AsyncioEventSource.Log.ConnectionStop(
                Loop.Name, _server is not null, $"{LocalEndPoint}", $"{RemoteEndPoint}", _lifetime.Reason?.GetType().FullName ?? "");
        }
        if (_activity is null)
            return;
        AsyncioActivities.EndConnection(_activity, Loop, _lifetime.Reason);
        _activity = null;
    }

    /// <summary>The protocol was told of the connection: what it does later is no part of the span.</summary>
    private void LeaveActivity()
    {
        if (_activity is not null)
            Activity.Current = _activity.Parent;
    }
}
