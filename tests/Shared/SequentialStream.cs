namespace AsyncioSharp.Tests;

/// <summary>What streams that tests make of their own have in common: both directions, no length and no position.</summary>
internal abstract class SequentialStream : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public sealed override bool CanSeek => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() { }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();
}
