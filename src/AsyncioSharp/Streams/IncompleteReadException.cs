namespace AsyncioSharp;

/// <summary>The stream ended before what was to be read was complete (<c>asyncio.IncompleteReadError</c>).</summary>
public sealed class IncompleteReadException : EndOfStreamException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="partial">What was read before the end.</param>
    /// <param name="expected">How many bytes were to be read; null if that was not known.</param>
    public IncompleteReadException(byte[] partial, int? expected)
        : base($"The stream ended after {partial.Length} bytes; {(expected is null ? "more" : expected)} were expected. " +
            $"What was read is in {nameof(Partial)}.")
    {
        Partial = partial;
        Expected = expected;
    }

    /// <summary>What was read before the end (<c>partial</c>).</summary>
    public byte[] Partial { get; }

    /// <summary>How many bytes were to be read (<c>expected</c>); null if that was not known.</summary>
    public int? Expected { get; }
}
