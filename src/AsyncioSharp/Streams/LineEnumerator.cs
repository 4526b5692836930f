namespace AsyncioSharp;

/// <summary>Enumerates the lines of an <see cref="AsyncStreamReader"/>; <c>await foreach</c> over the reader makes it.</summary>
public sealed class LineEnumerator
{
    private readonly AsyncStreamReader _reader;

    internal LineEnumerator(AsyncStreamReader reader) => _reader = reader;

    /// <summary>The line, with its line feed unless the stream ended without.</summary>
    public byte[] Current { get; private set; } = [];

    /// <summary>Goes on to the next line.</summary>
    /// <returns>False at the end of the stream.</returns>
    public async Coroutine<bool> MoveNextAsync()
    {
        Current = await _reader.ReadLineAsync();
        return Current.Length > 0;
    }
}
