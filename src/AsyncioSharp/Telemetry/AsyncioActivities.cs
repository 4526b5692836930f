using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.CompilerServices;

/// <summary>The activity source <c>AsyncioSharp</c>: spans of tasks and connections, of loops that ask for them.</summary>
internal static class AsyncioActivities
{
    private static readonly ActivitySource s_source = new("AsyncioSharp", typeof(AsyncioActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts a task's span, below what is current in the task's context.</summary>
    /// <returns>It, and the context with it in which the task is to run; nulls if nobody listens.</returns>
    public static (Activity? Activity, ExecutionContext? Context) StartTask(AsyncioTask task, ExecutionContext context)
    {
        if (!s_source.HasListeners())
            return default;
        var suppressed = ExecutionContext.IsFlowSuppressed();
        if (suppressed)
            ExecutionContext.RestoreFlow();
        var outer = ExecutionContext.Capture()!;
        ExecutionContext.Restore(context);
        try
        {
            var activity = s_source.StartActivity(task.CoroutineName ?? "task");
            activity?.SetTag("asyncio.loop.name", task.Loop.Name).SetTag("asyncio.task.name", task.Name);
            return (activity, ExecutionContext.Capture());
        }
        catch (Exception e)
        {
            ReportListener(task.Loop, e);
            return default;
        }
        finally
        {
            ExecutionContext.Restore(outer);
            if (suppressed)
                ExecutionContext.SuppressFlow();
        }
    }

    /// <summary>Ends a task's span.</summary>
    public static void EndTask(Activity activity, EventLoop loop, Exception? failure, string outcome)
    {
        if (failure is not null)
            SetError(activity, failure);
        activity.SetTag("asyncio.task.outcome", outcome);
        End(activity, loop);
    }

    /// <summary>Starts the span of a connection, which is current until the caller makes another one so.</summary>
    public static Activity? StartConnection(StreamTransport transport, EventLoop loop, bool isAccepted)
    {
        if (!s_source.HasListeners())
            return null;
        var kind = isAccepted ? ActivityKind.Server : ActivityKind.Client;
        var isSocket = transport.Socket is not null;
        var outer = Activity.Current;
        Activity? activity;
        try
        {
            activity = s_source.StartActivity(isSocket ? "connection" : "pipe", isSocket ? kind : ActivityKind.Internal);
        }
        catch (Exception e)
        {
            Activity.Current = outer;
            ReportListener(loop, e);
            return null;
        }
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("asyncio.loop.name", loop.Name);
        SetEndPoint(activity, "network.local", transport.LocalEndPoint);
        SetEndPoint(activity, "network.peer", transport.RemoteEndPoint);
        activity.SetTag("network.transport", transport.RemoteEndPoint switch
        {
            IPEndPoint => "tcp",
            UnixDomainSocketEndPoint => "unix",
            _ => isSocket ? null : "pipe",
        });
        return activity;
    }

    /// <summary>Ends the span of a connection.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="reason">Why the connection was lost; null if it was closed.</param>
    public static void EndConnection(Activity activity, EventLoop loop, Exception? reason)
    {
        if (reason is not null)
            SetError(activity, reason);
        // It is not current any more, and its end must not change what is: that may be the program's, which closes the loop.
        var current = Activity.Current;
        End(activity, loop);
        Activity.Current = current;
    }

    private static void End(Activity activity, EventLoop loop)
    {
        try
        {
            activity.Dispose();
        }
        catch (Exception e)
        {
            ReportListener(loop, e);
        }
    }

    // Listeners are called here and now: one that fails must not break what is begun or ended.
    private static void ReportListener(EventLoop loop, Exception exception) =>
        loop.Report(LogLevel.Error, "Who listens to the spans of the event loop failed.", exception, ReportKind.TelemetryFailed);

    private static void SetError(Activity activity, Exception exception) =>
        activity.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);

    private static void SetEndPoint(Activity activity, string name, EndPoint? endPoint)
    {
        if (endPoint is IPEndPoint ip)
            activity.SetTag($"{name}.address", ip.Address.ToString()).SetTag($"{name}.port", ip.Port);
        else if (endPoint?.ToString() is { Length: > 0 } path)
            activity.SetTag($"{name}.address", path);
    }
}
