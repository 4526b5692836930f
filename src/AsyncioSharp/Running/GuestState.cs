namespace AsyncioSharp;

/// <summary>Whose turn it is in a guest run.</summary>
internal enum GuestState
{
    /// <summary>The host was asked to run a slice, and has not begun.</summary>
    Asked,

    /// <summary>A slice runs.</summary>
    Running,

    /// <summary>There is nothing to run, and the helping thread waits.</summary>
    Waiting,

    /// <summary>The program has ended, and its loop is being closed.</summary>
    Ended,

    /// <summary>It is over, and the outcome is there.</summary>
    Closed,
}
