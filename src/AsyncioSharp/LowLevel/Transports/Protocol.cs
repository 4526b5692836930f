namespace AsyncioSharp.LowLevel;

/// <summary>A protocol over a stream of bytes (<c>asyncio.Protocol</c>).</summary>
public abstract class Protocol : StreamProtocol
{
    /// <summary>Data has come (<c>data_received()</c>): what has arrived so far, cut anywhere.</summary>
    /// <param name="data">The data. It is in a buffer of the loop, valid during the call: copy what is to be kept.</param>
    public virtual void DataReceived(ReadOnlySpan<byte> data) { }

    internal sealed override void Take(ReadOnlySpan<byte> data) => DataReceived(data);
}
