namespace AsyncioSharp;

/// <summary>What a <see cref="TaskGraph"/> knows of a task.</summary>
/// <param name="Id">Its number (<see cref="AsyncioTask.Id"/>).</param>
/// <param name="Name">Its name.</param>
/// <param name="CallStack">Its frames, the innermost first.</param>
/// <param name="AwaitedBy">The numbers of the tasks that wait for it.</param>
/// <param name="WaitsFor">What its innermost frame waits for, in words; null if it waits for nothing.</param>
public sealed record TaskSnapshot(
    int Id, string Name, IReadOnlyList<CallGraphFrame> CallStack, IReadOnlyList<int> AwaitedBy, string? WaitsFor = null);
