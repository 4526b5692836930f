namespace AsyncioSharp.LowLevel;

/// <summary>
/// What protocols over a stream of bytes have in common: <see cref="Protocol"/>, which is handed the data, and
/// <see cref="BufferedProtocol"/>, which has it put into a buffer of its own.
/// </summary>
/// <remarks>
/// The order of calls: <see cref="ConnectionMade"/>, data any number of times, <see cref="EofReceived"/> at most once,
/// <see cref="BaseProtocol.ConnectionLost"/> once. An exception thrown from one of them is told to the loop's exception
/// handler, and the connection is closed.
/// </remarks>
public abstract class StreamProtocol : BaseProtocol
{
    private protected StreamProtocol() { }

    /// <summary>The connection stands (<c>connection_made()</c>).</summary>
    /// <param name="transport">Its transport; keep it to write.</param>
    public virtual void ConnectionMade(Transport transport) { }

    /// <summary>Closes the connection that ends in this protocol.</summary>
    internal virtual void Close(Transport transport) => transport.Close();

    /// <summary>Hands it data that lies elsewhere.</summary>
    internal abstract void Take(ReadOnlySpan<byte> data);

    /// <summary>The peer will send no more (<c>eof_received()</c>).</summary>
    /// <returns>True to keep the connection open for writing; false, as by default, to close it.</returns>
    public virtual bool EofReceived() => false;
}
