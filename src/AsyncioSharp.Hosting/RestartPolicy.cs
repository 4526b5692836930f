namespace AsyncioSharp.Hosting;

/// <summary>What becomes of an <see cref="AsyncioBackgroundService"/> that has ended by itself.</summary>
public enum RestartPolicy
{
    /// <summary>It has ended. If it failed, the host does what its <c>BackgroundServiceExceptionBehavior</c> says.</summary>
    Never,

    /// <summary>If it failed, it is started again on a new loop, after a time that doubles with each failure in a row.</summary>
    OnFailure,
}
