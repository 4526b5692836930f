namespace AsyncioSharp.CompilerServices;

/// <summary>What a shield keeps from its body and gives back to the task at its end.</summary>
internal struct ShieldedRequests
{
    /// <summary>How many requests to cancel there were before, and came in the meantime.</summary>
    public int Count;

    /// <summary>Whether one of them is still to be delivered.</summary>
    public bool IsPending;

    /// <summary>Its message.</summary>
    public string? Message;

    /// <summary>Behind the task's token outside.</summary>
    public CancellationTokenSource? Token;
}
