using System.Diagnostics.CodeAnalysis;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A loop for Linux over io_uring: what is to be done is handed to the kernel once in an iteration, all together, and what was
/// received, read and written is fetched together, without a system call.
/// </summary>
public sealed partial class IoUringEventLoop : LinuxEventLoop
{
    internal readonly IoUringDriver Driver;

    private readonly EpollArrival _arrival;

    /// <summary>Makes a loop that nothing runs on yet.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, its kernel is older than 5.11, or io_uring is
    /// forbidden here, as in some containers, or this user has no more memory that may be locked. Where that is no mistake, use
    /// <see cref="TryCreate"/>.</exception>
    public IoUringEventLoop()
        : this(NewRing())
    {
    }

    // Takes the ring over, also if it fails.
    private IoUringEventLoop(IoUringRing ring)
        : base(ring)
    {
        try
        {
            Driver = new IoUringDriver(ring);
            _arrival = new EpollArrival(Poller, Driver.Supports(RingOpcode.EpollWait));
        }
        catch
        {
            ring.Dispose();
            Poller.Dispose();
            throw;
        }
    }

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

    internal override void WaitElsewhere(long timeout) => Poller.WaitForEvents(timeout);

    private protected override void TakeEvents() => Poller.TakeEvents();

    private protected override void BeginRun()
    {
        if (!Driver.IsGivenUp)
            Driver.BeginRun();
    }

    private protected override void EndRun() => Driver.EndRun();

    // Its ring is one thread's, and nothing stays in flight between two runs: a loop that is run in pieces is better off as an
    // epoll loop.
    private protected override void BeginPieces()
    {
        if (!Driver.IsGivenUp)
            Driver.GiveUp();
    }

    private protected override void Poll(long timeout)
    {
        if (Driver.IsGivenUp)
        {
            Poller.Wait(timeout);
            return;
        }
        if (!_arrival.IsInFlight)
            Driver.Submit(_arrival);
        Driver.Poll(timeout);
    }

    // Before all else that a loop has, so that nothing is left of it if there is none.
    private static IoUringRing NewRing()
    {
        var error = Errno.ENOSYS;
        return OperatingSystem.IsLinux() && IoUringRing.TryCreate(out error) is { } ring ? ring : throw new PlatformNotSupportedException(
            "This system has no io_uring, or it is forbidden here. EventLoop.New makes the loop that suits this system.", Errno.Exception(error, "No ring can be made, or none be used"));
    }

    private protected override void CloseBackend()
    {
        CloseTransports();
        base.CloseBackend();
        Driver.Dispose();
    }
}
