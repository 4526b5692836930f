namespace AsyncioSharp.Tests.Tls;

/// <summary>A stream that can hold back what is written, to send several pieces as one. The client's last words of a
/// handshake are held back from the beginning.</summary>
internal sealed class HeldBackStream(Stream inner) : SequentialStream
{
    private readonly MemoryStream _held = new();
    private bool _isHolding;
    private int _writes;

    public void Hold() => _isHolding = true;

    public void Release()
    {
        inner.Write(_held.ToArray());
        _held.SetLength(0);
        _isHolding = false;
    }

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (_isHolding || ++_writes > 1) // the first is the client's hello
            _held.Write(buffer, offset, count);
        else
            inner.Write(buffer, offset, count);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.ToArray(), 0, buffer.Length);
        return default;
    }
}
