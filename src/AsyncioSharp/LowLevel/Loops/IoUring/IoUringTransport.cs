using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A connection on an io_uring loop. The kernel receives by itself, into the loop's buffers, as long as what comes fits these;
/// once it does not, large pieces are on their way, which are better received where they are to go, as on an epoll loop.
/// </summary>
internal sealed partial class IoUringTransport : EpollTransport
{
    private const EpollEvents Room = EpollEvents.Writable | EpollEvents.EdgeTriggered;

    private readonly IoUringEventLoop _loop;
    private readonly IoUringDriver _driver;
    private readonly ReceiveBuffers _buffers;
    private readonly IoUringReceive _receive;
    private EpollEvents _heldBack; // until the receive has ended, and what it has brought was read
    private bool _isWatched; // by epoll: for room to send, and for data if that is received as on an epoll loop

    /// <summary>A connection that a server accepted.</summary>
    public IoUringTransport(
        IoUringEventLoop loop, IoUringDriver driver, SocketDescriptor socket, StreamProtocol protocol, Server server, in PeerAddress peer)
        : base(loop, socket, protocol, server, peer, watched: false)
    {
        (_loop, _driver, _buffers) = (loop, driver, driver.Buffers!);
        _receive = new IoUringReceive(this, Descriptor);
        Start();
    }

    /// <summary>A connection that was made here.</summary>
    public IoUringTransport(
        IoUringEventLoop loop, IoUringDriver driver, SocketDescriptor socket, StreamProtocol protocol, EndPoint? remoteEndPoint, Future<bool> made)
        : base(loop, socket, protocol, remoteEndPoint, made, watched: false)
    {
        (_loop, _driver, _buffers) = (loop, driver, driver.Buffers!);
        _receive = new IoUringReceive(this, Descriptor);
        Start();
    }

    public override void OnReady(EpollEvents events)
    {
        if (HoldsBack && (events & EpollEvents.Ending) != 0)
        {
            _heldBack |= events;
            events = EpollEvents.None;
        }
        base.OnReady(events);
        TellHeldBack();
    }

    private protected override long SendFileNow(FileStream file, long offset, long count)
    {
        var sent = base.SendFileNow(file, offset, count);
        if (sent < 0)
            WaitForRoom();
        return sent;
    }

    private protected override Socket TakeSocket()
    {
        // What the kernel still received here would be missing on the other side.
        while (_receive.IsPending)
        {
            _driver.CancelNow(_receive);
            _driver.CheckCanGoOn();
        }
        while (_hasFirst)
        {
            var received = TakeFirst();
            KeepEarly(received.Data(_buffers));
            received.Return(_buffers);
        }
        if (_ended < 0)
            throw Failure("Receiving", -_ended); // which the kernel tells once; reading tells it to the protocol
        EndWatch();
        _loop.Remove(Descriptor);
        return DetachSocket();
    }

    private protected override void Release()
    {
        DropReceived();
        EndWatch();
        // While the kernel receives it holds the socket, which would stay open: hence at once. It then ends with OnReceived.
        var isReceiving = _receive.IsInFlight;
        _driver.CancelNow(_receive);
        if (!isReceiving)
            CloseSocket();
    }

    // If the connection was reset, the receive tells, behind what came before. Sending would only fail, and lose that.
    private bool HoldsBack => _receive.IsInFlight || ((_hasFirst || _wasRefused) && HasToRead);

    private void TellHeldBack()
    {
        if (_heldBack == EpollEvents.None || HoldsBack)
            return;
        Watch.Signal(_heldBack);
        _heldBack = EpollEvents.None;
    }

    private void Start()
    {
        _loop.Add(Descriptor, this);
        _driver.Submit(_receive);
    }

    private void EndWatch()
    {
        if (_isWatched)
            Poller.Remove(Watch);
        else
            Watch.Client = null;
    }

    private new void CloseSocket()
    {
        _loop.Remove(Descriptor);
        if (_driver.HasFailed)
            _ = Libc.ShutdownBoth(Descriptor); // the kernel may hold it for the ring: without this the peer might wait for its end for ever
        base.CloseSocket();
    }

    // Whoever has to wait for room sends large pieces. It is told of that by epoll, and had better be told of everything by it: a loop that has
    // nothing in flight in its ring waits with epoll itself.
    private protected override void WaitForRoom()
    {
        if (!_isWatched)
            WatchFor(Room);
        GoPlain();
    }

    private void WatchFor(EpollEvents events)
    {
        var result = _isWatched ? Poller.Change(Watch, events) : Poller.Add(Watch, events);
        if (result < 0)
            ForceClose(Errno.Exception(-result, "The socket cannot be watched"));
        else
            _isWatched = true;
    }
}
