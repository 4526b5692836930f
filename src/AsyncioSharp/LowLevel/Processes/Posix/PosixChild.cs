using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A child on Linux. Its end is seen through a descriptor of the process on the loop's poller; where there is none, a thread
/// waits for it; where there is no thread either, the loop looks now and then. In any case the loop's thread alone takes its
/// exit status, so that its number stays its own until then.
/// </summary>
internal sealed class PosixChild : ChildProcess, IEpollClient
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly EpollPoller _poller;
    private SafeFileHandle? _pidfd;
    private EpollWatch? _watch;

    public PosixChild(LinuxEventLoop loop, ProcessStart start, int id)
        : base(loop, start)
    {
        Id = id;
        _poller = loop.Poller;
        Watch();
    }

    public override int Id { get; }

    private bool OwnsGroup => Start.Options.NewSession || Start.Options.ProcessGroup == 0 || Start.Options.KillEntireProcessTree;

    public void OnReady(EpollEvents events) => Reap();

    void IEpollClient.OnLoopClosing() => _pidfd?.Dispose();

    private protected override bool SendNow(int signal) => Send(Id, signal);

    private protected override void TerminateNow() => Send(Start.Options.KillEntireProcessTree ? -Id : Id, TerminateSignal);

    private protected override bool KillNow(bool entireProcessTree)
    {
        if (ExitCode is not null)
            return false;
        IsEnding = true;
        bool sent;
        try
        {
            if (entireProcessTree || Start.Options.KillEntireProcessTree)
                ProcessTree.KillDescendants(Id);
        }
        finally
        {
            sent = Send(Id, KillSignal); // it may have been stopped
        }
        if (entireProcessTree && OwnsGroup)
            Send(-Id, KillSignal);
        return sent;
    }

    private protected override int? KillAndWait()
    {
        KillNow(Start.Options.KillEntireProcessTree);
        var started = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        while (Stopwatch.GetElapsedTime(started) < s_patience)
        {
            var result = TryReap(out var exitCode);
            if (result != 0)
            {
                Unwatch();
                return result < 0 ? UnknownExitCode : exitCode;
            }
            spin.SpinOnce();
        }
        Abandon(); // it cannot end while it waits for a device
        return null;
    }

    private protected override void Abandon()
    {
        Unwatch();
        AbandonedChildren.Add(Id);
    }

    private void Watch()
    {
        var descriptor = PosixProcess.OpenPidfd(Id);
        if (descriptor >= 0)
        {
            _pidfd = new SafeFileHandle(descriptor, ownsHandle: true);
            var watch = new EpollWatch(Loop, this, descriptor);
            if (_poller.Add(watch, EpollEvents.Readable) >= 0)
            {
                _watch = watch;
                return;
            }
            _pidfd.Dispose();
            _pidfd = null;
        }
        // A kernel older than the call, a sandbox, or no descriptors left: the process runs already, and must not be lost.
        if (!TryWaitOnThread())
            LookAgain();
    }

    private bool TryWaitOnThread()
    {
        if (Faults.Strike("pthread_create"))
            return false;
        try
        {
            new Thread(WaitOnThread, maxStackSize: 64 * 1024) { IsBackground = true, Name = $"AsyncioSharp waits for process {Id}" }.Start();
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false; // .NET's way to say that there is none left
        }
    }

    private void LookAgain() => Loop.CallLater(s_pause, static child =>
    {
        child.Reap();
        if (child.ExitCode is null)
            child.LookAgain();
    }, this);

    private void WaitOnThread()
    {
        _ = PosixProcess.WaitForEnd(Id);
        Loop.PostOrDrop(new ThreadsafeCallback(Reap, null));
    }

    private void Reap()
    {
        if (ExitCode is not null)
            return;
        var result = TryReap(out var exitCode);
        if (result == 0)
            return;
        Unwatch();
        if (result < 0)
        {
            exitCode = UnknownExitCode;
            Loop.Report(Microsoft.Extensions.Logging.LogLevel.Warning,
                $"The exit code of {this} is not known: something else in this program has waited for it, or SIGCHLD is ignored. " +
                $"It is given as {UnknownExitCode}.");
        }
        End(exitCode);
    }

    // Before its number is free: the group has the same.
    private int TryReap(out int exitCode)
    {
        if (Start.Options.KillEntireProcessTree && HasEnded())
            _ = PosixProcess.Send(-Id, KillSignal);
        return PosixProcess.Reap(Id, out exitCode);
    }

    private bool HasEnded() => PosixProcess.HasEnded(Id);

    private void Unwatch()
    {
        if (_watch is { } watch)
        {
            _watch = null;
            _poller.Remove(watch);
        }
        _pidfd?.Dispose();
        _pidfd = null;
    }

    private bool Send(int target, int signal) => ExitCode is null && IsSent(Math.Max(0, -PosixProcess.Send(target, signal)), signal);
}
