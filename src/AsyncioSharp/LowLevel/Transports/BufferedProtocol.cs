namespace AsyncioSharp.LowLevel;

/// <summary>
/// A protocol over a stream of bytes that decides itself where these are put (<c>asyncio.BufferedProtocol</c>), which
/// spares a copy.
/// </summary>
public abstract class BufferedProtocol : StreamProtocol
{
    /// <summary>Gives a buffer to receive into (<c>get_buffer()</c>).</summary>
    /// <param name="sizeHint">How long it should be at least; -1 if that is not known. A shorter one does too.</param>
    /// <returns>The buffer; an empty one is an error.</returns>
    public abstract Memory<byte> GetBuffer(int sizeHint);

    /// <summary>Data was received into the buffer that <see cref="GetBuffer"/> gave last (<c>buffer_updated()</c>).</summary>
    /// <param name="count">How many bytes of it were filled.</param>
    public abstract void BufferUpdated(int count);

    /// <summary>There is data to be received: whether it is left where it is until the transport's next turn, as somebody
    /// will ask for it with <see cref="Transport.TryReceive"/> before.</summary>
    internal virtual bool TryLeaveData() => false;

    /// <summary>Whether <see cref="Take"/> costs it no copy more than a buffer of its own would.</summary>
    internal virtual bool TakesData => false;

    internal override void Take(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var room = GetBuffer(-1).Span;
            if (room.IsEmpty)
                throw new InvalidOperationException(StreamTransport.EmptyBuffer);
            var count = Math.Min(room.Length, data.Length);
            data[..count].CopyTo(room);
            data = data[count..];
            BufferUpdated(count);
        }
    }
}
