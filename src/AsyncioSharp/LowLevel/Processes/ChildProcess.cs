using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

/// <summary>A process that a loop has started, until its end was seen.</summary>
internal abstract class ChildProcess
{
    /// <summary>What ends a process on request.</summary>
    public const int TerminateSignal = 15;

    /// <summary>What ends a process at once.</summary>
    public const int KillSignal = 9;

    /// <summary>What is told if something else has taken the exit status, as in CPython.</summary>
    private protected const int UnknownExitCode = 255;

    private Action? _ended;

    private protected ChildProcess(EventLoop loop, ProcessStart start)
    {
        Loop = loop;
        Start = start;
        Exited = new ParkingLot(this, "the end of ");
    }

    public EventLoop Loop { get; }

    public ProcessStart Start { get; }

    /// <summary>Its number.</summary>
    public abstract int Id { get; }

    /// <summary>Null until it has ended.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Where tasks wait for its end.</summary>
    public ParkingLot Exited { get; }

    /// <summary>Whether writing to it is told that nobody reads any more.</summary>
    public virtual bool NoticesLostReader => true;

    /// <summary>Whether its end was asked for, so that there is nothing to report if the loop closes first.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Its standard input, if that is a pipe. What was written to it before a signal comes before that.</summary>
    public Transport? Input { private get; set; }

    /// <summary>Sends it a signal.</summary>
    /// <returns>False if it has ended.</returns>
    public bool Send(int signal)
    {
        SendInput();
        return SendNow(signal);
    }

    /// <summary>Asks it to end, and what it has started if that is to end with it.</summary>
    public void Terminate()
    {
        SendInput();
        IsEnding = true;
        TerminateNow();
    }

    /// <summary>Ends it at once, and what it has started too if so asked.</summary>
    /// <returns>False if it has ended.</returns>
    public bool Kill(bool entireProcessTree)
    {
        SendInput();
        return KillNow(entireProcessTree);
    }

    /// <summary>Has somebody called when it ends; at once if it has.</summary>
    public void WhenEnded(Action callback)
    {
        if (ExitCode is null)
            _ended = callback;
        else
            callback();
    }

    /// <summary>The loop closes: it is ended, unless it may go on, and nobody is called.</summary>
    public void OnLoopClosing()
    {
        if (Start.Options.Detached)
        {
            Abandon();
            return;
        }
        var isReported = !IsEnding;
        try
        {
            ExitCode = KillAndWait();
        }
        catch (Exception e) // the loop's other children are to end all the same
        {
            Abandon();
            Loop.Report(LogLevel.Warning, $"{this} still ran when its loop was closed, could not be killed, and goes on.", e);
            return;
        }
        if (isReported)
        {
            Loop.Report(LogLevel.Warning,
                $"{this} still ran when its loop was closed, and was killed. " +
                "Wait for its end, own it with `await using`, or let it go on with SubprocessOptions.Detached.");
        }
    }

    public override string ToString() => $"process {Id} ({Start.Program})";

    /// <inheritdoc cref="Send"/>
    private protected abstract bool SendNow(int signal);

    /// <inheritdoc cref="Terminate"/>
    private protected virtual void TerminateNow() => SendNow(TerminateSignal);

    /// <inheritdoc cref="Kill"/>
    private protected abstract bool KillNow(bool entireProcessTree);

    /// <summary>Ends it and waits, for a bounded time, on the spot.</summary>
    private protected abstract int? KillAndWait();

    /// <summary>Lets it go on without the loop.</summary>
    private protected abstract void Abandon();

    /// <summary>What has come of sending a signal.</summary>
    /// <param name="error">The system's number of the error; 0 if there was none.</param>
    /// <param name="signal">The signal.</param>
    /// <returns>False if the process has ended.</returns>
    private protected bool IsSent(int error, int signal) => error switch
    {
        0 => true,
        Errno.ESRCH => false,
        Errno.EINVAL => throw new ArgumentOutOfRangeException(nameof(signal), signal, "This system has no such signal."),
        Errno.EPERM => throw new UnauthorizedAccessException($"This program may not send a signal to {this}, which has changed its user."),
        _ => throw Errno.FileException(error, "The signal cannot be sent"),
    };

    /// <summary>It has ended.</summary>
    private protected void End(int exitCode)
    {
        ExitCode = exitCode;
        Loop.Children.Remove(this);
        Exited.Open();
        _ended?.Invoke();
    }

    private void SendInput()
    {
        Loop.CheckThread();
        Input?.Flush();
    }
}
