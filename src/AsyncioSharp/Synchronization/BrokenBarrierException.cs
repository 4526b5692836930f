namespace AsyncioSharp;

/// <summary>A barrier was aborted, or reset while tasks waited at it (<c>asyncio.BrokenBarrierError</c>).</summary>
public class BrokenBarrierException : InvalidOperationException
{
    /// <summary>Makes one with a general message.</summary>
    public BrokenBarrierException()
        : base("The barrier was aborted or reset.") { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened.</param>
    public BrokenBarrierException(string message)
        : base(message) { }

    /// <summary>Makes one that tells what led to it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What led to it.</param>
    public BrokenBarrierException(string message, Exception? innerException)
        : base(message, innerException) { }
}
