namespace AsyncioSharp;

/// <summary>There is nothing in the queue to get at once (<c>asyncio.QueueEmpty</c>).</summary>
public class QueueEmptyException : InvalidOperationException
{
    /// <summary>Makes one with a general message.</summary>
    public QueueEmptyException()
        : base("The queue is empty. Use GetAsync to wait for an item, or TryGet.") { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened.</param>
    public QueueEmptyException(string message)
        : base(message) { }

    /// <summary>Makes one that tells what led to it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What led to it.</param>
    public QueueEmptyException(string message, Exception? innerException)
        : base(message, innerException) { }
}
