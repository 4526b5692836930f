using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The thread that waits for sockets which belong to the program, as .NET's asynchronous operations tell of data and not of
/// readiness. There is one for each loop that has callbacks for sockets.
/// </summary>
internal sealed class PortableSelector : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop;
    private readonly Lock _lock = new();
    private readonly HashSet<PortableReadiness> _armed = [];
    private readonly List<Socket> _retired = [];
    private readonly Socket _wakeUp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Thread _thread;
    private bool _stopped;

    /// <exception cref="SocketException">There are no descriptors left.</exception>
    public PortableSelector(EventLoop loop)
    {
        _loop = loop;
        // A socket that hears itself only: what every system can wait for along with the others.
        _wakeUp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _wakeUp.Connect(_wakeUp.LocalEndPoint!);
        _wakeUp.Blocking = false;
        _thread = new Thread(Run) { IsBackground = true, Name = "AsyncioSharp selector" };
        _thread.UnsafeStart();
    }

    /// <summary>Has it run by the loop once it is ready.</summary>
    public void Arm(PortableReadiness readiness)
    {
        lock (_lock)
            _armed.Add(readiness);
        WakeUp();
    }

    /// <summary>It is not run any more.</summary>
    public void Retire(PortableReadiness readiness)
    {
        readiness.IsRemoved = true;
        lock (_lock)
        {
            _armed.Remove(readiness);
            // By the thread, when it does not look at it: to dispose of a socket that is in use interrupts that by force.
            _retired.Add(readiness.View);
        }
        WakeUp();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            WakeUp(); // not later: the thread closes what it would be woken by
        }
        _thread.Join(s_patience);
    }

    private void WakeUp() => SocketCalls.Send(_wakeUp, [0], out _); // one that does not fit is one too many

    private void Run()
    {
        Span<byte> wakeUp = stackalloc byte[1];
        while (TryTake(out var armed))
        {
            List<Socket> reads = [_wakeUp, .. armed.Where(static one => !one.IsToWrite).Select(static one => one.View)];
            List<Socket> writes = [.. armed.Where(static one => one.IsToWrite).Select(static one => one.View)];
            List<Socket> errors = [.. armed.Select(static one => one.View)];
            if (!TrySelect(reads, writes, errors))
            {
                if (!DropClosed(armed))
                    Thread.Sleep(1); // something else is the matter, and may pass
                continue;
            }
            while (_wakeUp.Receive(wakeUp, SocketFlags.None, out _) > 0)
            {
            }
            HashSet<Socket> ready = [.. reads, .. writes, .. errors];
            foreach (var one in armed)
            {
                if (ready.Contains(one.View))
                    Post(one);
            }
        }
        _wakeUp.Dispose();
    }

    private bool TryTake(out PortableReadiness[] armed)
    {
        lock (_lock)
        {
            _retired.ForEach(static socket => socket.Dispose());
            _retired.Clear();
            armed = [.. _armed];
            return !_stopped;
        }
    }

    // False if it has ended and nothing is ready: one was closed without being removed before.
    private static bool TrySelect(List<Socket> reads, List<Socket> writes, List<Socket> errors)
    {
        try
        {
            Socket.Select(reads, writes, errors, Timeout.InfiniteTimeSpan);
            return reads.Count + writes.Count + errors.Count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private bool DropClosed(PortableReadiness[] armed)
    {
        var closed = Array.FindAll(armed, static one => !one.IsOpen());
        lock (_lock)
            _armed.ExceptWith(closed);
        return closed.Length > 0;
    }

    private void Post(PortableReadiness readiness)
    {
        lock (_lock)
        {
            if (!_armed.Remove(readiness))
                return; // retired meanwhile
        }
        _loop.PostOrDrop(readiness);
    }
}
