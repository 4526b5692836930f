using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// What the datagram endpoints of all loops have in common: what waits to be sent, and in which order the protocol is told
/// what happens. A loop's own class sends and receives.
/// </summary>
internal abstract partial class SocketDatagramTransport : DatagramTransport
{
    private const int DropsUntilReport = 5;

    /// <summary>How many datagrams are received before the others have their turn.</summary>
    private protected const int MaxReceivesInATurn = 64;

    private protected readonly EventLoop Loop;
    private protected readonly DatagramBacklog Backlog = new();

    /// <summary>Where all datagrams are sent, if it is said once for all.</summary>
    private protected readonly EndPoint? Remote;

    /// <summary>Whether the system knows of <see cref="Remote"/>, and takes datagrams from there only.</summary>
    private protected readonly bool IsConnected;

    private DatagramProtocol _protocol;
    private TransportLifetime _lifetime;
    private WriteFlow _flow = new();
    private int _drops;

    private protected SocketDatagramTransport(EventLoop loop, DatagramProtocol protocol, EndPoint? remote, bool isConnected, Future<bool> made)
    {
        Loop = loop;
        _protocol = protocol;
        Remote = remote;
        IsConnected = isConnected;
        _lifetime = new TransportLifetime(made);
    }

    private protected ref TransportState State => ref _lifetime.State;

    public sealed override bool IsClosing => (State & TransportState.Closing) != 0;

    public sealed override int WriteBufferSize => Backlog.Size + GatheredSize;

    public sealed override WriteBufferLimits WriteBufferLimits => _flow.Limits;

    public sealed override EndPoint? RemoteEndPoint => Remote;

    private protected bool IsFinished => (State & TransportState.Finished) != 0;

    public sealed override DatagramProtocol GetProtocol() => _protocol;

    public sealed override void SetProtocol(DatagramProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        Loop.CheckThread();
        _protocol = protocol;
    }

    public sealed override void SetWriteBufferLimits(int? high = null, int? low = null)
    {
        Loop.CheckThread();
        SendGathered();
        _flow.SetLimits(high, low);
        PauseIfFull();
    }

    public sealed override void SendTo(ReadOnlySpan<byte> data, EndPoint? remoteEndPoint = null)
    {
        Loop.CheckThread();
        CheckRemote(remoteEndPoint);
        if (IsClosing)
        {
            if (++_drops == DropsUntilReport && Loop.Debug)
            {
                Loop.Report(LogLevel.Warning, $"Datagrams are sent by {this}, which is closed: they are dropped. Look at IsClosing.",
                    kind: ReportKind.DataDropped);
            }
            return;
        }
        remoteEndPoint = IsConnected ? null : remoteEndPoint ?? Remote;
        if (Backlog.IsEmpty)
        {
            var error = Send(data, remoteEndPoint);
            if (error == SocketError.Success)
            {
                Loop.Counters.BytesSent += data.Length;
                return;
            }
            if (error == SocketError.IOPending)
                return;
            if (error != SocketError.WouldBlock)
            {
                TellError(error, "Sending");
                return;
            }
        }
        // End points can be changed by whoever has them.
        Backlog.Append(data, remoteEndPoint is IPEndPoint internet ? new IPEndPoint(internet.Address, internet.Port) : remoteEndPoint);
        OnKept();
        PauseIfFull();
    }

    public override string ToString() =>
        $"<DatagramTransport {LocalEndPoint}{(Remote is null ? "" : $" - {Remote}")}{(IsClosing ? " closing" : "")}>";

    /// <summary>Sends a datagram at once. <see cref="SocketError.IOPending"/> says that it is gathered instead, to be sent with
    /// others.</summary>
    /// <param name="data">The datagram.</param>
    /// <param name="remote">To whom; null if the socket is connected.</param>
    private protected abstract SocketError Send(ReadOnlySpan<byte> data, EndPoint? remote);

    /// <summary>Something waits to be sent.</summary>
    private protected abstract void OnKept();

    /// <summary>What the gathered datagrams count in <see cref="WriteBufferSize"/>. They come before those of the backlog, so
    /// that there is none while some are gathered.</summary>
    private protected virtual int GatheredSize => 0;

    /// <summary>Sends what is gathered.</summary>
    private protected virtual void SendGathered()
    {
    }

    /// <summary>Holds the protocol up if too much waits.</summary>
    private protected void PauseIfFull() => _flow.PauseIfFull(Backlog.Size, Loop, _protocol, this);

    /// <summary>Whether the system reads the front of the backlog.</summary>
    private protected virtual bool IsFrontLent => false;

    /// <summary>Tells the protocol of an error, which is not the end.</summary>
    private protected void TellError(SocketError error, string what)
    {
        try
        {
            _protocol.ErrorReceived(SocketErrors.Exception(error, $"{what} failed"));
        }
        catch (Exception e)
        {
            Report("ErrorReceived failed", e);
        }
    }

    /// <summary>Hands a datagram to the protocol.</summary>
    private protected void Deliver(ReadOnlySpan<byte> data, EndPoint sender)
    {
        Loop.Counters.BytesReceived += data.Length;
        try
        {
            _protocol.DatagramReceived(data, sender);
        }
        catch (Exception e)
        {
            Report("DatagramReceived failed", e);
        }
    }

    private void CheckRemote(EndPoint? remoteEndPoint)
    {
        if (remoteEndPoint is null ? Remote is not null : Remote is null && remoteEndPoint is not DnsEndPoint)
            return;
        if (remoteEndPoint is null)
            throw new ArgumentNullException(nameof(remoteEndPoint), "This endpoint has no remote address for all datagrams, so each needs one.");
        EventLoop.CheckAddress(remoteEndPoint);
        if (!remoteEndPoint.Equals(Remote))
        {
            throw new ArgumentException(
                $"This endpoint sends to {Remote} only, not to {remoteEndPoint}. Make one without a remote address.", nameof(remoteEndPoint));
        }
    }

    private void Report(string what, Exception exception) => Loop.ReportProtocol(_protocol, what, exception, this);
}
