using System.Buffers;
using System.Threading.Tasks.Sources;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The encrypted side of a TLS connection as a stream for <see cref="System.Net.Security.SslStream"/>: reading takes what
/// the transport has delivered, writing goes straight to the transport. It keeps a buffer only while what was delivered is
/// not used up.
/// </summary>
/// <remarks>
/// One read can be under way. Its continuation runs inside <see cref="Feed"/>, on the loop's thread. Should .NET's TLS code
/// come from another thread, which it does not on Linux, it is sent to the loop's.
/// </remarks>
internal sealed unsafe class CipherStream(EventLoop loop) : LoopStream, IValueTaskSource<int>
{
    // What is being fed: valid only while Feed runs, which has it pinned; all of it is used up or kept before that returns.
    private byte* _fed;
    private int _fedLength;

    private byte[]? _kept;
    private int _keptStart;
    private int _keptEnd;

    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _target;
    private bool _reads;
    private bool _atEnd;

    /// <summary>Where what is written goes.</summary>
    public Transport? Transport { get; set; }

    /// <summary>Whether there is something that was delivered and not read.</summary>
    public bool HasData => _fedLength > 0 || _keptEnd > _keptStart;

    /// <summary>Whether whoever reads has come to the transport's end. What was delivered before may still be unread when that comes.</summary>
    public bool HasTakenEnd { get; private set; }

    /// <summary>The transport delivers data. What reads it runs before this returns.</summary>
    /// <param name="data">The data.</param>
    /// <param name="pump">Called to have it read, as often as it will.</param>
    public void Feed(ReadOnlySpan<byte> data, Action pump)
    {
        if (HasData)
        {
            Keep(data); // behind what is older, also where this is called inside itself
            CompleteRead();
            pump();
            return;
        }
        fixed (byte* start = data)
        {
            _fed = start;
            _fedLength = data.Length;
            try
            {
                CompleteRead();
                pump();
            }
            finally
            {
                KeepFed();
            }
        }
    }

    /// <summary>Takes data in and has nobody read it yet.</summary>
    public void Keep(ReadOnlySpan<byte> data)
    {
        KeepFed();
        Append(data);
    }

    /// <summary>Nothing more is delivered.</summary>
    public void FeedEnd()
    {
        _atEnd = true;
        CompleteRead();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (loop.IsOnThread && (HasData || _atEnd))
            return new ValueTask<int>(Take(buffer.Span));
        _read.Reset();
        _target = buffer;
        _reads = true;
        if (!loop.IsOnThread)
            loop.PostOrDrop(new ThreadsafeCallback(CompleteRead, null));
        return new ValueTask<int>(this, _read.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (loop.IsOnThread)
        {
            Transport!.Write(buffer.Span);
            return default;
        }
        var copy = buffer.ToArray();
        loop.PostOrDrop(new ThreadsafeCallback(() => Transport!.Write(copy), null));
        return default;
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Transport!.Write(buffer);

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        DropKept();
        base.Dispose(disposing);
    }

    private void CompleteRead()
    {
        if (!_reads || !(HasData || _atEnd))
            return;
        _reads = false;
        var target = _target;
        _target = default;
        using (new NoSynchronization())
            _read.SetResult(Take(target.Span));
    }

    // With an empty buffer it is only asked whether there is something.
    private int Take(Span<byte> buffer)
    {
        if (_keptEnd > _keptStart)
        {
            var kept = _kept.AsSpan(_keptStart, Math.Min(_keptEnd - _keptStart, buffer.Length));
            kept.CopyTo(buffer);
            _keptStart += kept.Length;
            if (_keptStart == _keptEnd)
                DropKept();
            return kept.Length;
        }
        var count = Math.Min(_fedLength, buffer.Length);
        HasTakenEnd |= count == 0 && !buffer.IsEmpty;
        new ReadOnlySpan<byte>(_fed, count).CopyTo(buffer);
        _fed += count;
        _fedLength -= count;
        return count;
    }

    private void KeepFed()
    {
        var rest = new ReadOnlySpan<byte>(_fed, _fedLength);
        _fed = null;
        _fedLength = 0;
        Append(rest);
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        var old = _kept.AsSpan(_keptStart, _keptEnd - _keptStart);
        var kept = _kept;
        if (kept is null || kept.Length - _keptEnd < data.Length)
        {
            kept = ArrayPool<byte>.Shared.Rent(old.Length + data.Length);
            old.CopyTo(kept);
            var length = old.Length;
            DropKept();
            (_kept, _keptEnd) = (kept, length);
        }
        data.CopyTo(kept.AsSpan(_keptEnd));
        _keptEnd += data.Length;
    }

    private void DropKept()
    {
        if (_kept is null)
            return;
        ArrayPool<byte>.Shared.Return(_kept);
        _kept = null;
        _keptStart = _keptEnd = 0;
    }
}
