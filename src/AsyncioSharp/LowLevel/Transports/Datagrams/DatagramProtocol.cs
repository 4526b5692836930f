using System.Net;

namespace AsyncioSharp.LowLevel;

/// <summary>A protocol over datagrams (<c>asyncio.DatagramProtocol</c>).</summary>
/// <remarks>
/// The order of calls: <see cref="ConnectionMade"/>, datagrams and errors any number of times,
/// <see cref="BaseProtocol.ConnectionLost"/> once. An exception thrown from one of them is told to the loop's exception
/// handler; unless it was thrown from the first, the endpoint stays open.
/// </remarks>
public abstract class DatagramProtocol : BaseProtocol
{
    /// <summary>The endpoint is ready (<c>connection_made()</c>).</summary>
    /// <param name="transport">Its transport; keep it to send.</param>
    public virtual void ConnectionMade(DatagramTransport transport) { }

    /// <summary>A datagram has come (<c>datagram_received()</c>).</summary>
    /// <param name="data">The datagram, which can be empty. It is in a buffer of the loop, valid during the call: copy what
    /// is to be kept.</param>
    /// <param name="remoteEndPoint">Who sent it. The same object may be passed for the next one of the same sender.</param>
    public virtual void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint) { }

    /// <summary>
    /// An earlier datagram could not be sent, or was refused (<c>error_received()</c>). The endpoint stays open. The system
    /// tells of refused ones only where the endpoint is connected, and not always.
    /// </summary>
    /// <param name="exception">What happened.</param>
    public virtual void ErrorReceived(Exception exception) { }
}
