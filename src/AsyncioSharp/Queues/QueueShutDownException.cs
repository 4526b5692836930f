namespace AsyncioSharp;

/// <summary>The queue was shut down (<c>asyncio.QueueShutDown</c>).</summary>
public class QueueShutDownException : InvalidOperationException
{
    /// <summary>Makes one with a general message.</summary>
    public QueueShutDownException()
        : base("The queue was shut down: it takes no more items, and has none left to give.") { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened.</param>
    public QueueShutDownException(string message)
        : base(message) { }

    /// <summary>Makes one that tells what led to it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What led to it.</param>
    public QueueShutDownException(string message, Exception? innerException)
        : base(message, innerException) { }
}
