namespace AsyncioSharp.CompilerServices;

/// <summary>Something of ours that <c>async Task</c> code waits for on behalf of a task.</summary>
internal interface IForeignCall
{
    /// <summary>What it waits for; cancelled with the task.</summary>
    Future Awaited { get; }

    /// <summary>In which it waits; null where it cannot be told from the task's other code.</summary>
    TaskSynchronizationContext? Context { get; }

    /// <summary>It was told of a request to cancel, by cancelling what it waits for.</summary>
    void Tell(int request);

    /// <summary>The task on whose behalf it waits has ended, and knows of it no more.</summary>
    void TaskEnded();

    /// <summary>The loop has closed: whoever waits is told, unless that was done already.</summary>
    void Dropped();
}
