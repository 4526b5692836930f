namespace AsyncioSharp;

/// <summary>A future is not in the state that an operation needs (<c>asyncio.InvalidStateError</c>).</summary>
public class InvalidStateException : InvalidOperationException
{
    /// <summary>Makes one with a general message.</summary>
    public InvalidStateException()
        : base("The future is not in the state that this operation needs.") { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What was asked of the future and what state it is in.</param>
    public InvalidStateException(string message)
        : base(message) { }

    /// <summary>Makes one that tells what led to it.</summary>
    /// <param name="message">What was asked of the future and what state it is in.</param>
    /// <param name="innerException">What led to it.</param>
    public InvalidStateException(string message, Exception? innerException)
        : base(message, innerException) { }
}
