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

    /// <summary>It is over.</summary>
    Ended,
}
