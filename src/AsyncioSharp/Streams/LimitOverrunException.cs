namespace AsyncioSharp;

/// <summary>No separator came within the reader's limit (<c>asyncio.LimitOverrunError</c>).</summary>
/// <param name="message">What happened.</param>
/// <param name="consumed">How many bytes come before the separator, or were searched for it.</param>
public sealed class LimitOverrunException(string message, int consumed) : IOException(message)
{
    /// <summary>How many bytes come before the separator, or were searched for it (<c>consumed</c>).</summary>
    public int Consumed { get; } = consumed;
}
