using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>An endpoint that sends and receives datagrams (<c>asyncio.DatagramTransport</c>), over UDP or a Unix
/// socket.</summary>
/// <remarks>Like everything of a loop it is used on the loop's thread only.</remarks>
public abstract class DatagramTransport
{
    /// <summary>Whether it is closed, or about to be (<c>is_closing()</c>).</summary>
    public abstract bool IsClosing { get; }

    /// <summary>How many bytes wait to be sent (<c>get_write_buffer_size()</c>). Each datagram counts 8 bytes more than its
    /// data.</summary>
    public abstract int WriteBufferSize { get; }

    /// <summary>The marks between which writing is paused and resumed (<c>get_write_buffer_limits()</c>).</summary>
    public abstract WriteBufferLimits WriteBufferLimits { get; }

    /// <summary>The address on this side (<c>get_extra_info("sockname")</c>); null if there is none.</summary>
    public virtual EndPoint? LocalEndPoint => null;

    /// <summary>The address that all datagrams are sent to (<c>get_extra_info("peername")</c>); null if each has its
    /// own.</summary>
    public virtual EndPoint? RemoteEndPoint => null;

    /// <summary>
    /// The socket (<c>get_extra_info("socket")</c>), to look at its options or set them; null if there is none. It remains
    /// the transport's. Disposing of it has no effect.
    /// </summary>
    public virtual Socket? Socket => null;

    /// <summary>The protocol that is told what happens (<c>get_protocol()</c>).</summary>
    public abstract DatagramProtocol GetProtocol();

    /// <summary>Has another protocol told from now on (<c>set_protocol()</c>).</summary>
    /// <param name="protocol">The protocol. Its <see cref="DatagramProtocol.ConnectionMade"/> is not called.</param>
    public abstract void SetProtocol(DatagramProtocol protocol);

    /// <summary>
    /// Sends a datagram (<c>sendto()</c>). It does not wait: what the system does not take at once is kept and sent later,
    /// in order. What cannot be sent is dropped, and told to <see cref="DatagramProtocol.ErrorReceived"/>. Once the endpoint
    /// is closed, datagrams are dropped.
    /// </summary>
    /// <param name="data">The datagram, which may be empty. It can be reused as soon as the call returns.</param>
    /// <param name="remoteEndPoint">To whom: an address, not a name. Null for <see cref="RemoteEndPoint"/>.</param>
    /// <exception cref="ArgumentException">There is no address, or another than the one to which all are sent.</exception>
    public abstract void SendTo(ReadOnlySpan<byte> data, EndPoint? remoteEndPoint = null);

    /// <summary>
    /// Closes the endpoint once everything was sent (<c>close()</c>). No more is received; the protocol's
    /// <see cref="BaseProtocol.ConnectionLost"/> is called in the end.
    /// </summary>
    public abstract void Close();

    /// <summary>Closes the endpoint at once; what was not sent is dropped (<c>abort()</c>).</summary>
    public abstract void Abort();

    /// <summary>Sets the marks between which the protocol's writing is paused and resumed
    /// (<c>set_write_buffer_limits()</c>).</summary>
    /// <param name="high">Above so many bytes it is paused; by default 64 KiB, or four times the low mark.</param>
    /// <param name="low">At so many it is resumed; by default a quarter of the high mark.</param>
    /// <exception cref="ArgumentOutOfRangeException">The low mark is negative, or higher than the high mark.</exception>
    public abstract void SetWriteBufferLimits(int? high = null, int? low = null);
}
