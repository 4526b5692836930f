using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A loop for Linux over io_uring: what is to be done is handed to the kernel once in an iteration, all together, and what was
/// received, read and written is fetched together, without a system call.
/// </summary>
/// <remarks>What only has to be told when a descriptor is ready is left to epoll. <see cref="EventLoop.New"/> makes a loop of this kind that makes
/// its ring with the first connection or use of a file, and goes on as an epoll loop where there is none to be had.</remarks>
public sealed partial class IoUringEventLoop : LinuxEventLoop
{
    private const int MostDoublings = 12;

    private IoUringDriver? _driver;
    private EpollArrival? _arrival;
    private bool _makesRing; // with the next operation that can be handed to one
    private int _usesBeforeRetry; // how many go by first, after there was none for want of something
    private int _retries;

    /// <summary>Makes a loop that nothing runs on yet.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, its kernel is older than 5.11, or io_uring is
    /// forbidden here, as in some containers, or this user has no more memory that may be locked. Where that is no mistake, use
    /// <see cref="TryCreate"/>.</exception>
    public IoUringEventLoop()
        : this(NewRing())
    {
    }

    // Takes the ring over, also if it fails. Without one it is made later.
    private IoUringEventLoop(IoUringRing? ring)
        : base(ring)
    {
        if (ring is null)
        {
            _makesRing = true;
            return;
        }
        try
        {
            Use(new IoUringDriver(ring));
        }
        catch
        {
            ring.Dispose();
            Poller.Dispose();
            throw;
        }
    }

    /// <summary>Whether it uses io_uring at present. If not, it waits with epoll: because nothing has needed a ring yet, because none was to be had
    /// when one was needed, or because the loop is run in pieces (<see cref="EventLoop.RunOnce"/>).</summary>
    [MemberNotNullWhen(true, nameof(_driver), nameof(_arrival))]
    public bool HasRing => _driver is { IsGivenUp: false };

    /// <summary>Whether such a loop can be made here, at this moment: the next may not be (<see cref="TryCreate"/>).</summary>
    public static bool IsSupported
    {
        get
        {
            if (!OperatingSystem.IsLinux() || IoUringRing.TryCreate(out _) is not { } ring)
                return false;
            ring.Dispose();
            return true;
        }
    }

    /// <summary>Makes a loop if that can be done here.</summary>
    /// <param name="loop">The loop.</param>
    public static bool TryCreate([NotNullWhen(true)] out IoUringEventLoop? loop)
    {
        loop = null;
        if (!OperatingSystem.IsLinux() || IoUringRing.TryCreate(out _) is not { } ring)
            return false;
        loop = new IoUringEventLoop(ring);
        return true;
    }

    /// <summary>Makes a loop that makes its ring when it first has a use for one, and does without where there is none to be had, or none that
    /// can receive by itself. Where only descriptors or memory were wanting, it tries again with a later use. A program without connections and files
    /// does not pay for it.</summary>
    internal static IoUringEventLoop NewWithLateRing() => new(ring: null);

    /// <summary>To whom operations are handed; null if the loop has to do without a ring.</summary>
    private IoUringDriver? GetDriver()
    {
        if (_makesRing && (_usesBeforeRetry == 0 || --_usesBeforeRetry == 0))
            MakeRing();
        return HasRing ? _driver : null;
    }

    private protected override bool HasWatched => base.HasWatched || _transports is not null;

    private protected override void BeginRun()
    {
        if (HasRing)
            BeginRunOnRing();
    }

    // Apart, as only a program with connections is to load the library that the exception comes from.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginRunOnRing()
    {
        try
        {
            _driver!.BeginRun();
        }
        catch (SocketException)
        {
            _driver!.GiveUp(); // on another thread than before it needs a new ring, which was not to be had
        }
    }

    private protected override void EndRun() => _driver?.EndRun();

    // Its ring is one thread's, and nothing stays in flight between two runs: a loop that is run in pieces is better off as an
    // epoll loop.
    private protected override void BeginPieces()
    {
        _makesRing = false;
        if (HasRing)
            _driver.GiveUp();
    }

    private protected override void Poll(long timeout)
    {
        if (!HasRing || _driver.IsIdle) // then epoll itself is the shorter way
        {
            Poller.Wait(timeout);
            return;
        }
        if (!_arrival.IsInFlight)
            _driver.Submit(_arrival);
        _driver.Poll(timeout);
    }

    private void MakeRing()
    {
        _makesRing = false;
        if (IoUringRing.TryCreate(out var error) is not { } ring)
        {
            RetryLater(error);
            return;
        }
        IoUringDriver? driver = null;
        try
        {
            driver = new IoUringDriver(ring);
            if (driver.Buffers is null)
                return; // a kernel on which epoll is as good
            if (IsRunning)
                driver.BeginRun();
            Use(driver);
        }
        catch (Exception e) when (e is SocketException or OutOfMemoryException)
        {
            // It can do without. A sandbox may tell one use of the ring from another.
        }
        finally
        {
            if (_driver is null)
                ((IDisposable?)driver ?? ring).Dispose();
        }
    }

    // What is wanting comes back when others let go of it. That may be never, so it is asked for less and less often.
    private void RetryLater(int error)
    {
        if (error is not (Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.EAGAIN))
            return;
        _makesRing = true;
        _usesBeforeRetry = 1 << Math.Min(++_retries, MostDoublings);
    }

    private void Use(IoUringDriver driver)
    {
        _arrival = new EpollArrival(Poller, driver.Supports(RingOpcode.EpollWait));
        _driver = driver;
        Gathered.Batch ??= new SendBatch();
    }

    // Before all else that a loop has, so that nothing is left of it if there is none.
    private static IoUringRing NewRing()
    {
        var error = Errno.ENOSYS;
        return OperatingSystem.IsLinux() && IoUringRing.TryCreate(out error) is { } ring ? ring : throw new PlatformNotSupportedException(
            (error switch
            {
                Errno.ENOMEM => "There is no memory for a ring, or this user may lock no more of it (ulimit -l)",
                Errno.EMFILE or Errno.ENFILE => "There is no descriptor left for a ring",
                _ => "This system has no io_uring, or it is forbidden here",
            }) + ". EventLoop.New makes the loop that suits this system.",
            Errno.Exception(error, "No ring can be made, or none be used"));
    }

    private protected override void CloseBackend()
    {
        if (_transports is not null)
            CloseTransports(_transports);
        base.CloseBackend();
        _driver?.Dispose();
        Gathered.Batch?.Dispose();
        (_driver, _makesRing) = (null, false);
    }
}
