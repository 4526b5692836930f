using System.Text;

namespace AsyncioSharp.CompilerServices;

/// <summary>Writes all tasks as a tree.</summary>
internal sealed class TaskTree
{
    // Each level takes more room in each line below it.
    private const int Deepest = 200;

    private readonly TaskGraph _graph;
    private readonly ILookup<int, TaskSnapshot> _awaits;
    private readonly HashSet<int> _shown = [];
    private readonly StringBuilder _text = new();
    private readonly string _taskMark;
    private readonly string _frameMark;

    private TaskTree(TaskGraph graph, string taskMark, string frameMark)
    {
        _graph = graph;
        _awaits = graph.ByAwaiter();
        _taskMark = taskMark;
        _frameMark = frameMark;
    }

    public static string Of(TaskGraph graph, string taskMark, string frameMark) => new TaskTree(graph, taskMark, frameMark).Format();

    private string Format()
    {
        AppendCycles();
        foreach (var task in _graph.Tasks)
        {
            // At the top stand those that nobody awaits, as far as is known.
            if (task.AwaitedBy.All(by => _graph.Find(by) is null))
                AppendFrom(task);
        }
        foreach (var task in _graph.Tasks)
        {
            if (!_shown.Contains(task.Id))
                AppendFrom(task); // of a circle
        }
        return _text.ToString().TrimEnd();
    }

    private void AppendCycles()
    {
        var cycles = _graph.FindCycles();
        if (cycles.Count == 0)
            return;
        _text.AppendLine("These tasks wait for each other in a circle and cannot go on:");
        foreach (var cycle in cycles)
            _text.Append("  ").AppendJoin(" -> ", cycle.Select(id => $"{TaskTable.Name(_graph.Find(id)!)} ({id})")).AppendLine();
        _text.AppendLine();
    }

    // Depth first, without recursion.
    private void AppendFrom(TaskSnapshot root)
    {
        var open = new Stack<(TaskSnapshot Task, string Prefix, bool IsLast, int Depth)>();
        open.Push((root, "", true, 0));
        while (open.TryPop(out var next))
        {
            var (task, prefix, isLast, depth) = next;
            var isNew = _shown.Add(task.Id);
            var note = isNew ? task.CallStack.Count == 0 && task.WaitsFor is not null ? $" waits for {task.WaitsFor}" : "" : " (see above)";
            AppendLine(prefix, isLast, $"{_taskMark}{TaskTable.Name(task)} ({task.Id}){note}");
            if (!isNew)
                continue;
            if (depth > Deepest)
            {
                AppendLine(Below(prefix, isLast), true, "…");
                continue;
            }
            prefix = Below(prefix, isLast);
            for (var i = task.CallStack.Count - 1; i >= 0; i--)
            {
                var waits = i == 0 && task.WaitsFor is not null ? $": waits for {task.WaitsFor}" : "";
                AppendLine(prefix, true, $"{_frameMark}{task.CallStack[i]}{waits}");
                prefix = Below(prefix, true);
            }
            var children = _awaits[task.Id].ToArray();
            for (var i = children.Length - 1; i >= 0; i--)
                open.Push((children[i], prefix, i == children.Length - 1, depth + 1 + task.CallStack.Count));
        }
    }

    private void AppendLine(string prefix, bool isLast, string text) =>
        _text.Append(prefix).Append(isLast ? "└── " : "├── ").AppendLine(text);

    private static string Below(string prefix, bool isLast) => prefix + (isLast ? "    " : "│   ");
}
