namespace AsyncioSharp;

/// <summary>There is no room in the queue at once (<c>asyncio.QueueFull</c>).</summary>
public class QueueFullException : InvalidOperationException
{
    /// <summary>Makes one with a general message.</summary>
    public QueueFullException()
        : base("The queue is full. Use PutAsync to wait for room, or TryPut.") { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened.</param>
    public QueueFullException(string message)
        : base(message) { }

    /// <summary>Makes one that tells what led to it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What led to it.</param>
    public QueueFullException(string message, Exception? innerException)
        : base(message, innerException) { }
}
