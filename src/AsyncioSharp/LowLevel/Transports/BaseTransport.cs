using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>What connections and datagram endpoints have in common (<c>asyncio.BaseTransport</c>).</summary>
/// <remarks>Like everything of a loop it is used on the loop's thread only.</remarks>
public abstract class BaseTransport
{
    private protected BaseTransport()
    {
    }

    /// <summary>Whether it is closed, or about to be (<c>is_closing()</c>).</summary>
    public abstract bool IsClosing { get; }

    /// <summary>How many bytes were written and not yet handed to the system (<c>get_write_buffer_size()</c>), among them the small pieces
    /// that leave when the running step ends.</summary>
    public abstract int WriteBufferSize { get; }

    /// <summary>The marks between which writing is paused and resumed (<c>get_write_buffer_limits()</c>).</summary>
    public abstract WriteBufferLimits WriteBufferLimits { get; }

    /// <summary>The address on this side (<c>get_extra_info("sockname")</c>); null if there is none, or if it is asked for
    /// the first time after the end.</summary>
    public virtual EndPoint? LocalEndPoint => null;

    /// <summary>The peer's address (<c>get_extra_info("peername")</c>); null if there is none.</summary>
    public virtual EndPoint? RemoteEndPoint => null;

    /// <summary>
    /// The socket (<c>get_extra_info("socket")</c>), to look at its options or set them; null if there is none. It remains
    /// the transport's: do not read from it or write to it. Disposing of it has no effect on the transport.
    /// </summary>
    public virtual Socket? Socket => null;

    /// <summary>
    /// Ends it once everything written was sent (<c>close()</c>). No more data is received; the protocol's
    /// <see cref="BaseProtocol.ConnectionLost"/> is called in the end.
    /// </summary>
    public abstract void Close();

    /// <summary>Ends it at once; what the system has not taken is dropped (<c>abort()</c>).</summary>
    public abstract void Abort();

    /// <summary>Sets the marks between which the protocol's writing is paused and resumed
    /// (<c>set_write_buffer_limits()</c>).</summary>
    /// <param name="high">Above so many bytes it is paused; by default 64 KiB, or four times the low mark.</param>
    /// <param name="low">At so many it is resumed; by default a quarter of the high mark.</param>
    /// <exception cref="ArgumentOutOfRangeException">The low mark is negative, or higher than the high mark.</exception>
    public abstract void SetWriteBufferLimits(int? high = null, int? low = null);
}
