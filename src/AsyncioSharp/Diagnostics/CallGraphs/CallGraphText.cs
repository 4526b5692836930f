using System.Globalization;
using System.Text;

namespace AsyncioSharp.CompilerServices;

/// <summary>Writes call graphs as trees.</summary>
internal static class CallGraphText
{
    private const int DeepestIndent = 40;

    public static string Of(CallGraph graph)
    {
        var text = new StringBuilder();
        var written = new HashSet<CallGraph>();
        var open = new Stack<(CallGraph Graph, int Depth)>();
        open.Push((graph, 0));
        while (open.TryPop(out var next))
        {
            var indent = new string(' ', 4 * Math.Min(next.Depth, DeepestIndent));
            text.Append(CultureInfo.InvariantCulture, $"{indent}* {Head(next.Graph.Future)}");
            if (!written.Add(next.Graph))
            {
                // Written once, with all that wait for it: there may be many ways to it, or a circle.
                text.AppendLine(next.Graph.AwaitedBy.Count > 0 ? " (see above)" : "");
                continue;
            }
            text.AppendLine();
            AppendStack(text, indent, next.Graph);
            if (next.Graph.AwaitedBy.Count == 0)
                continue;
            text.Append(indent).AppendLine("  + Awaited by:");
            for (var i = next.Graph.AwaitedBy.Count - 1; i >= 0; i--)
                open.Push((next.Graph.AwaitedBy[i], next.Depth + 1));
        }
        return text.ToString().TrimEnd();
    }

    private static string Head(Future future) => future is AsyncioTask task ? $"Task '{task.Name}' (id {task.Id})" : future.ToString();

    private static void AppendStack(StringBuilder text, string indent, CallGraph graph)
    {
        if (graph.CallStack.Count > 0)
        {
            text.Append(indent).AppendLine("  + Call stack:");
            foreach (var frame in graph.CallStack)
                text.Append(indent).Append("  |   ").Append(frame).AppendLine();
        }
        if (graph.WaitsFor is { } target)
            text.Append(indent).Append("  + Waits for: ").AppendLine(target);
    }
}
