namespace AsyncioSharp.CompilerServices;

/// <summary>Finds tasks that wait for each other in circles.</summary>
internal static class TaskCycles
{
    public static List<IReadOnlyList<int>> Find(TaskGraph graph)
    {
        var cycles = new List<IReadOnlyList<int>>();
        var awaits = graph.ByAwaiter();
        var left = new HashSet<int>();
        foreach (var task in graph.Tasks)
        {
            if (!left.Contains(task.Id))
                Walk(task.Id, awaits, left, cycles);
        }
        return cycles;
    }

    // Depth first, without recursion: chains of waiting tasks may be long.
    private static void Walk(int first, ILookup<int, TaskSnapshot> awaits, HashSet<int> left, List<IReadOnlyList<int>> cycles)
    {
        var path = new List<(int Id, IEnumerator<TaskSnapshot> Next)>();
        var places = new Dictionary<int, int>();
        Enter(first);
        while (path.Count > 0)
        {
            var (id, next) = path[^1];
            if (!next.MoveNext())
            {
                path.RemoveAt(path.Count - 1);
                places.Remove(id);
                left.Add(id);
            }
            else if (places.TryGetValue(next.Current.Id, out var place))
            {
                cycles.Add([.. path.Skip(place).Select(static step => step.Id), next.Current.Id]);
            }
            else if (!left.Contains(next.Current.Id))
            {
                Enter(next.Current.Id);
            }
        }

        void Enter(int id)
        {
            places.Add(id, path.Count);
            path.Add((id, awaits[id].GetEnumerator()));
        }
    }
}
