using System.Runtime.ExceptionServices;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp;

// Whoever owns it has it ended.
public sealed partial class Subprocess : IPatientWait
{
    private Transport?[] _transports = [];
    private bool _isLeftAlone;

    bool IPatientWait.IsOver => IsOver;

    private bool IsOver => _child.ExitCode is not null || _isLeftAlone;

    /// <summary>
    /// Ends it: closes its standard input, asks it to end, and kills it if it has not after
    /// <see cref="SubprocessOptions.GracePeriod"/>, or if this is cancelled. Then its pipes are closed. If it has ended before,
    /// only its pipes are closed.
    /// </summary>
    /// <remarks>A process that has changed its user, as <c>sudo</c> does, may not be sent signals. Only the end of its standard input asks it to
    /// end. If it does not in that time, or its standard input is no pipe, it goes on without pipes, which is reported.</remarks>
    public async Coroutine DisposeAsync()
    {
        StandardInput?.Close();
        CanceledException? cancellation = null;
        try
        {
            if (!IsOver)
            {
                AskToEnd();
                var timer = _child.Loop.CallLater(_child.Start.Options.GracePeriod, static process => process.EndNow(), this);
                cancellation = await PatientWait.RunAsync(Asyncio.CurrentTask!, this);
                timer.Cancel();
            }
        }
        finally
        {
            foreach (var transport in _transports)
                transport?.Abort();
        }
        if (cancellation is not null)
            ExceptionDispatchInfo.Throw(cancellation);
    }

    Coroutine IPatientWait.ParkAsync() => _child.Exited.WaitAsync();

    // Whoever is cancelled has no time to wait for it; killed, it ends at once.
    void IPatientWait.Canceled(CanceledException cancellation) => EndNow();

    private void AskToEnd()
    {
        try
        {
            _child.Terminate();
        }
        catch (UnauthorizedAccessException e)
        {
            if (StandardInput is null) // whose end would ask it too
                LeaveAlone(e);
        }
    }

    private void EndNow()
    {
        try
        {
            _child.Kill(entireProcessTree: false);
        }
        catch (UnauthorizedAccessException e)
        {
            LeaveAlone(e);
        }
    }

    private void LeaveAlone(UnauthorizedAccessException reason)
    {
        _isLeftAlone = true;
        _child.Loop.Report(LogLevel.Warning, $"{_child} may not be ended by its owner, and goes on.", reason);
        _child.Exited.WakeAll();
    }
}
