namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Makes call graphs. Nothing is noted for them while tasks run: who waits for whom is read from the callbacks of futures, the
/// frames from the coroutines' state.
/// </summary>
internal sealed class CallGraphCapture(int? limit)
{
    private readonly Dictionary<Future, CallGraph> _graphs = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<CallGraph> _open = [];

    /// <param name="future">Of what.</param>
    /// <param name="skip">How many of the innermost frames to leave out; only of that future.</param>
    public CallGraph Capture(Future future, int skip)
    {
        var first = GraphOf(future, skip);
        // No recursion: chains of waiting tasks may be long, and go round in circles.
        while (_open.TryDequeue(out var graph))
            graph.AwaitedBy = graph.Future.FindWaiters().ConvertAll(waiter => GraphOf(waiter, 0));
        return first;
    }

    private CallGraph GraphOf(Future future, int skip)
    {
        if (_graphs.TryGetValue(future, out var known))
            return known;
        var (frames, waitsFor) = future is AsyncioTask task ? CallStacks.Of(task) : ([], null);
        var graph = new CallGraph(future, Limited(frames.GetRange(Math.Min(skip, frames.Count), Math.Max(0, frames.Count - skip))), waitsFor);
        _graphs.Add(future, graph);
        _open.Enqueue(graph);
        return graph;
    }

    private List<CallGraphFrame> Limited(List<CallGraphFrame> frames) => limit switch
    {
        null => frames,
        { } most when Math.Abs((long)most) >= frames.Count => frames,
        >= 0 => frames[^limit.Value..],
        _ => frames[..-limit.Value],
    };
}
