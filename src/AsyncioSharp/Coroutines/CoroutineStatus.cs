namespace AsyncioSharp.CompilerServices;

/// <summary>How far a coroutine is. The order matters: everything from <see cref="Succeeded"/> on has ended.</summary>
internal enum CoroutineStatus : byte
{
    /// <summary>Made and not yet awaited.</summary>
    Created,

    /// <summary>Not a compiled method: it is asked at each await, of which there can be any number.</summary>
    Suspension,

    /// <summary>Awaited: it runs, or waits for something.</summary>
    Started,

    /// <summary>It returned.</summary>
    Succeeded,

    /// <summary>It let an exception out.</summary>
    Faulted,

    /// <summary>It was cancelled.</summary>
    Canceled,
}
