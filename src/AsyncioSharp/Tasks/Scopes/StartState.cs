using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>A task that is starting, and the task that waits until it has.</summary>
internal sealed class StartState : IPatientWait
{
    private readonly ParkingLot _waiter;
    private bool _isSettled;

    public StartState() => _waiter = new ParkingLot(this, "the start of ");

    /// <summary>The task; null before it is made.</summary>
    public AsyncioTask? Task { get; set; }

    /// <summary>Whether it has said that it is ready.</summary>
    public bool IsReady { get; private set; }

    bool IPatientWait.IsOver => _isSettled;

    /// <summary>The task is ready.</summary>
    public void SetReady()
    {
        if (_isSettled)
        {
            throw new InvalidOperationException(IsReady
                ? "The task has said before that it is ready. It says so once."
                : "The task has ended without saying that it is ready. Now it is too late.");
        }
        IsReady = true;
        Settle();
    }

    /// <summary>The task has ended.</summary>
    /// <returns>Whether it had been ready before.</returns>
    public bool TaskEnded()
    {
        if (!_isSettled)
            Settle();
        return IsReady;
    }

    /// <summary>The task.</summary>
    public override string ToString() => $"{Task}";

    Coroutine IPatientWait.ParkAsync() => _waiter.WaitAsync();

    void IPatientWait.Canceled(CanceledException cancellation) => Task!.Cancel(cancellation.CancelMessage);

    private void Settle()
    {
        _isSettled = true;
        _waiter.WakeOne();
    }
}
