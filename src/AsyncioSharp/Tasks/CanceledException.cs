namespace AsyncioSharp;

/// <summary>
/// A task or future was cancelled (<c>asyncio.CancelledError</c>). Let it pass unless you have asked for the cancellation:
/// a coroutine that catches it keeps its task from ending. Where a coroutine calls .NET's own asynchronous code, the
/// cancellation comes as that code's <see cref="OperationCanceledException"/>: catch that one to see both.
/// </summary>
public class CanceledException : OperationCanceledException
{
    private readonly bool _hasMessage;

    /// <summary>Makes one without a message of its own.</summary>
    public CanceledException()
        : this(null) { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What was passed to <see cref="Future.Cancel"/>.</param>
    public CanceledException(string? message)
        : base(message ?? "The task was cancelled.") => _hasMessage = message is not null;

    /// <summary>Makes one that tells what led to it.</summary>
    /// <param name="message">What was passed to <see cref="Future.Cancel"/>.</param>
    /// <param name="innerException">What led to it.</param>
    public CanceledException(string? message, Exception? innerException)
        : base(message ?? "The task was cancelled.", innerException) => _hasMessage = message is not null;

    /// <summary>What was passed to <see cref="Future.Cancel"/>; null if nothing was.</summary>
    public string? CancelMessage => _hasMessage ? Message : null;
}
