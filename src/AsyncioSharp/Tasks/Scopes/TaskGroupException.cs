using System.Text;

namespace AsyncioSharp;

/// <summary>What has failed in a <see cref="TaskGroup"/>, with the names of the tasks. The exceptions themselves, each with its
/// stack trace, are the <see cref="AggregateException.InnerExceptions"/>.</summary>
public sealed class TaskGroupException : AggregateException
{
    private const int MaxNamed = 10;
    private const int MaxMessage = 200;

    private readonly int _taskCount;

    internal TaskGroupException(Failure[] failures, int taskCount)
        : base(failures.Select(failure => failure.Exception))
    {
        Failures = failures;
        _taskCount = taskCount;
    }

    /// <summary>The failures in the order in which they came; that of the block is the last.</summary>
    public IReadOnlyList<Failure> Failures { get; }

    /// <summary>How many tasks have failed, which, and how.</summary>
    public override string Message => Describe();

    /// <summary>A failure.</summary>
    /// <param name="Task">The task that has failed; null for the group's block.</param>
    /// <param name="Exception">Its exception.</param>
    public sealed record Failure(AsyncioTask? Task, Exception Exception);

    private string Describe()
    {
        var failed = Failures.Count(failure => failure.Task is not null);
        var text = new StringBuilder();
        if (failed > 0)
            text.Append(failed == 1 && _taskCount == 1 ? "1 task failed" : $"{failed} of {_taskCount} tasks failed");
        if (failed < Failures.Count)
            text.Append(failed > 0 ? ", and so did the block of the task group" : "The block of the task group failed");
        text.Append(": ");
        for (var i = 0; i < Failures.Count && i < MaxNamed; i++)
        {
            var (task, exception) = Failures[i];
            text.Append(i == 0 ? "" : ", ")
                .Append(task is null ? "the block" : $"'{task.Name}'")
                .Append(" (").Append(exception.GetType().Name).Append(": ").Append(FirstLine(exception.Message)).Append(')');
        }
        if (Failures.Count > MaxNamed)
            text.Append($" and {Failures.Count - MaxNamed} more");
        return text.ToString();
    }

    private static string FirstLine(string message)
    {
        var line = message.AsSpan().TrimStart();
        var end = line.IndexOfAny('\r', '\n');
        if (end >= 0)
            line = line[..end];
        return line.Length <= MaxMessage ? line.ToString() : $"{line[..MaxMessage]}…";
    }
}
