namespace AsyncioSharp;

/// <summary>What the thread of a loop that has stalled does.</summary>
public enum StallKind
{
    /// <summary>It could not be found out; so on systems other than Linux.</summary>
    Unknown,

    /// <summary>It computes: a callback or coroutine runs for long without an await.</summary>
    Computing,

    /// <summary>It is blocked: something waits in a way that is not asynchronous, such as <see cref="Task.Wait()"/>, a lock, a
    /// read from a file.</summary>
    Blocked,

    /// <summary>It could go on, but gets no processor: the machine has more to do than it can.</summary>
    Starved,
}
