namespace AsyncioSharp.Stress.Running;

/// <summary>From where a cancellation comes.</summary>
internal enum InjectionKind
{
    /// <summary>From the very step of a task, its own included.</summary>
    AtOnce,

    /// <summary>From a callback that the step queues.</summary>
    Soon,

    /// <summary>From a callback two turns later.</summary>
    LaterTurn,

    /// <summary>From a timer that is due at once.</summary>
    Timer,

    /// <summary>From a timer due together with those of the program.</summary>
    NextSecond,

    /// <summary>As another thread would do it.</summary>
    Threadsafe,
}
