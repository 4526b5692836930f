namespace AsyncioSharp.Hosting;

/// <summary>How far an <see cref="AsyncioBackgroundService"/> is.</summary>
public enum AsyncioServiceState
{
    /// <summary>The host has not started it.</summary>
    NotStarted,

    /// <summary>Its coroutine runs.</summary>
    Running,

    /// <summary>It failed, and waits for its next start.</summary>
    Restarting,

    /// <summary>It has ended: its coroutine returned, or the host stopped it.</summary>
    Ended,

    /// <summary>It failed, and is not started again.</summary>
    Failed,
}
