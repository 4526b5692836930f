namespace AsyncioSharp;

/// <summary>The system cannot send this file by itself (<c>asyncio.SendfileNotAvailableError</c>): it is no regular file, the
/// connection is encrypted, or the system has no such call. Sending it piece by piece was not allowed.</summary>
public sealed class SendfileNotAvailableException : NotSupportedException
{
    /// <summary>Makes one.</summary>
    public SendfileNotAvailableException() { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What is the matter.</param>
    public SendfileNotAvailableException(string? message)
        : base(message) { }

    /// <summary>Makes one.</summary>
    /// <param name="message">What is the matter.</param>
    /// <param name="innerException">What it comes from.</param>
    public SendfileNotAvailableException(string? message, Exception? innerException)
        : base(message, innerException) { }
}
