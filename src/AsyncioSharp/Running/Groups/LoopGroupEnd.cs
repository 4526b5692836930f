namespace AsyncioSharp;

/// <summary>How a <see cref="LoopGroup"/> has ended.</summary>
/// <param name="AbortedConnections">How many connections of its servers had not ended in time, and were ended at once.</param>
/// <param name="CanceledTasks">How many tasks were cancelled.</param>
/// <param name="Unfinished">What would not end: tasks, with where they wait, and loops whose thread is held up.</param>
public sealed record LoopGroupEnd(int AbortedConnections, int CanceledTasks, IReadOnlyList<string> Unfinished);
