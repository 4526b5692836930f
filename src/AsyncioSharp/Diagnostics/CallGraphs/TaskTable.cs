using System.Text;

namespace AsyncioSharp.CompilerServices;

/// <summary>Writes all tasks as a table.</summary>
internal static class TaskTable
{
    private static readonly string[] s_head = ["task", "name", "call stack", "waits for", "awaited by", "name of that", "call stack of that"];

    public static string Of(TaskGraph graph)
    {
        var rows = new List<string[]> { s_head };
        foreach (var task in graph.Tasks)
        {
            if (task.AwaitedBy.Count == 0)
                rows.Add(Row(task, "", "", ""));
            foreach (var id in task.AwaitedBy)
            {
                var awaiter = graph.Find(id);
                rows.Add(Row(task, id.ToString(), awaiter is null ? "(unknown)" : Name(awaiter), awaiter is null ? "" : Chain(awaiter)));
            }
        }
        var widths = Enumerable.Range(0, s_head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            AppendRow(text, row, widths);
            if (ReferenceEquals(row, s_head))
                text.Append('-', widths.Sum() + 3 * (widths.Length - 1)).AppendLine();
        }
        return text.ToString().TrimEnd();
    }

    /// <summary>A task's name, or what stands for it.</summary>
    public static string Name(TaskSnapshot task) => task.Name.Length > 0 ? task.Name : "(no name)";

    private static string[] Row(TaskSnapshot task, string id, string name, string chain) =>
        [task.Id.ToString(), Name(task), Chain(task), task.WaitsFor ?? "", id, name, chain];

    private static string Chain(TaskSnapshot task) => string.Join(" <- ", task.CallStack.Select(static frame => frame.Method));

    private static void AppendRow(StringBuilder text, string[] row, int[] widths)
    {
        var start = text.Length;
        for (var i = 0; i < row.Length; i++)
            text.Append(i == 0 ? "" : " | ").Append(row[i].PadRight(widths[i]));
        while (text.Length > start && text[^1] == ' ')
            text.Length--;
        text.AppendLine();
    }
}
