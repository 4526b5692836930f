namespace AsyncioSharp.LowLevel;

/// <summary>For what an event loop makes spans (<see cref="System.Diagnostics.Activity"/>).</summary>
[Flags]
public enum TracedActivities
{
    /// <summary>For nothing.</summary>
    None = 0,

    /// <summary>For each task, from when it is made to its end. It is the task's current activity: what the task does is a part
    /// of it.</summary>
    Tasks = 1,

    /// <summary>For each connection and pipe, from when it is made to its end. Tasks that its protocol makes at the beginning,
    /// as servers of streams do for their handlers, are a part of it.</summary>
    Connections = 2,
}
