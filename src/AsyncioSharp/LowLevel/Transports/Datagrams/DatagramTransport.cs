using System.Net;

namespace AsyncioSharp.LowLevel;

/// <summary>An endpoint that sends and receives datagrams (<c>asyncio.DatagramTransport</c>), over UDP or a Unix
/// socket. In <see cref="BaseTransport.WriteBufferSize"/> each datagram counts 8 bytes more than its data.</summary>
/// <remarks>Like everything of a loop it is used on the loop's thread only.</remarks>
public abstract class DatagramTransport : BaseTransport
{
    /// <summary>The protocol that is told what happens (<c>get_protocol()</c>).</summary>
    public abstract DatagramProtocol GetProtocol();

    /// <summary>Has another protocol told from now on (<c>set_protocol()</c>).</summary>
    /// <param name="protocol">The protocol. Its <see cref="DatagramProtocol.ConnectionMade"/> is not called.</param>
    public abstract void SetProtocol(DatagramProtocol protocol);

    /// <summary>
    /// Sends a datagram (<c>sendto()</c>). It does not wait: what the system does not take at once is kept and sent later,
    /// in order. What cannot be sent is dropped, and told to <see cref="DatagramProtocol.ErrorReceived"/>. What is sent from
    /// <see cref="DatagramProtocol.DatagramReceived"/> may leave only after the datagrams that came together with that one
    /// were delivered; closing or aborting the endpoint sends it before. Once the endpoint is closed, datagrams are dropped.
    /// </summary>
    /// <param name="data">The datagram, which may be empty. It can be reused as soon as the call returns.</param>
    /// <param name="remoteEndPoint">To whom: an address, not a name. Null for <see cref="BaseTransport.RemoteEndPoint"/>.</param>
    /// <exception cref="ArgumentException">There is no address, or another than the one to which all are sent.</exception>
    public abstract void SendTo(ReadOnlySpan<byte> data, EndPoint? remoteEndPoint = null);
}
