using System.Runtime.ExceptionServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// Whoever owns it has it ended.
public sealed partial class Subprocess : IPatientWait
{
    private Transport?[] _transports = [];

    bool IPatientWait.IsOver => _child.ExitCode is not null;

    /// <summary>
    /// Ends it: closes its standard input, asks it to end, and kills it if it has not after
    /// <see cref="SubprocessOptions.GracePeriod"/>, or if this is cancelled. Then its pipes are closed. If it has ended before,
    /// only its pipes are closed.
    /// </summary>
    public async Coroutine DisposeAsync()
    {
        StandardInput?.Close();
        CanceledException? cancellation = null;
        if (_child.ExitCode is null)
        {
            _child.Terminate();
            var timer = _child.Loop.CallLater(_child.Start.Options.GracePeriod, static child => child.Kill(entireProcessTree: false), _child);
            cancellation = await PatientWait.RunAsync(Asyncio.CurrentTask!, this);
            timer.Cancel();
        }
        foreach (var transport in _transports)
            transport?.Abort();
        if (cancellation is not null)
            ExceptionDispatchInfo.Throw(cancellation);
    }

    Coroutine IPatientWait.ParkAsync() => _child.Exited.WaitAsync();

    // Whoever is cancelled has no time to wait for it; killed, it ends at once.
    void IPatientWait.Canceled(CanceledException cancellation) => _child.Kill(entireProcessTree: false);
}
