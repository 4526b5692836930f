namespace AsyncioSharp.LowLevel;

/// <summary>What a report of a loop is about. Log entries have it as their event's number and name.</summary>
public enum ReportKind
{
    /// <summary>Something else that went wrong.</summary>
    Other = 0,

    /// <summary>A task or future failed, and nobody has looked at its exception.</summary>
    ExceptionNeverRetrieved = 1,

    /// <summary>A callback threw an exception.</summary>
    CallbackFailed = 2,

    /// <summary>In debug mode: a coroutine was made and never awaited.</summary>
    CoroutineNeverAwaited = 3,

    /// <summary>In debug mode: a task had not ended when its loop was closed.</summary>
    TaskNeverEnded = 4,

    /// <summary>In debug mode: a connection or a server was open when its loop was closed.</summary>
    NeverClosed = 5,

    /// <summary>In debug mode: a callback, or a step of a task, held up the loop.</summary>
    SlowCallback = 6,

    /// <summary>The loop has not turned for its <see cref="EventLoop.StallThreshold"/>. Only logged: it is told to
    /// <see cref="EventLoop.StallHandler"/>.</summary>
    EventLoopStalled = 7,

    /// <summary>It turns again. Only logged.</summary>
    EventLoopRecovered = 8,

    /// <summary>A run is to end, and a task that was cancelled waits for .NET's code, which has not answered for
    /// <see cref="RunnerOptions.UnansweredReportDelay"/>, or for as long for connections of a server that have data to send.</summary>
    CancellationUnanswered = 9,

    /// <summary>In debug mode: data is written to a connection that is closed, and dropped.</summary>
    DataDropped = 10,

    /// <summary>In debug mode: a TLS handshake failed.</summary>
    TlsHandshakeFailed = 11,

    /// <summary>In debug mode: a server does not listen on one of the addresses of its name.</summary>
    AddressUnavailable = 12,

    /// <summary>The file of a Unix socket could not be removed.</summary>
    SocketFileNotRemoved = 13,

    /// <summary>A listener to metrics, or the handler of stalls, failed.</summary>
    TelemetryFailed = 14,

    /// <summary>A run is to end, and has waited for functions that run on other threads for
    /// <see cref="RunnerOptions.UnansweredReportDelay"/>.</summary>
    FunctionsUnfinished = 15,
}
