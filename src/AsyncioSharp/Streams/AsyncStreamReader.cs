using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// The receiving side of a connection (<c>asyncio.StreamReader</c>). One task reads at a time. A read that is cancelled
/// loses no data: the next one finds it.
/// </summary>
public sealed partial class AsyncStreamReader
{
    private readonly ReadWait _wait;
    private readonly int _limit;
    private ReadBuffer _buffer;
    private Transport? _transport;
    private Exception? _exception;
    private bool _eof;
    private bool _paused;

    /// <summary>Makes a reader that is fed by hand, or through a <see cref="StreamReaderProtocol"/> (<c>asyncio.StreamReader()</c>).</summary>
    /// <param name="limit">How much it searches for a separator, and half of what it takes in before it holds the peer up
    /// (<c>limit</c>).</param>
    /// <param name="loop">Its loop (<c>loop</c>); by default the running one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    /// <exception cref="InvalidOperationException">No loop is given, and none runs.</exception>
    public AsyncStreamReader(int limit = ConnectionOptions.DefaultLimit, EventLoop? loop = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Loop = loop ?? EventLoop.Running;
        _limit = limit;
        _wait = new ReadWait(this);
    }

    /// <summary>Whether the peer has ended its side and everything was read (<c>at_eof()</c>).</summary>
    public bool AtEof => _eof && _buffer.IsEmpty;

    /// <summary>Why the connection was lost, which reads throw; null if it was not (<c>exception()</c>).</summary>
    public Exception? Exception => _exception;

    internal EventLoop Loop { get; }

    // Above this much the peer is held up, unless whoever reads needs more to go on.
    private int HighMark => (int)Math.Min(2L * _limit, int.MaxValue);

    /// <summary>Its state, for debugging.</summary>
    public override string ToString() =>
        $"<AsyncStreamReader {_buffer.Length} bytes{(_eof ? " eof" : "")}{(_paused ? " paused" : "")}" +
        $"{(_exception is null ? "" : $" {_exception.GetType().Name}")}{(_transport is null ? "" : $" {_transport}")}>";
}
