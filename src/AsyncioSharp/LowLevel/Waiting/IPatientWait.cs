namespace AsyncioSharp.LowLevel;

/// <summary>A wait that goes on until what it is for has come, however often the task is cancelled.</summary>
internal interface IPatientWait
{
    /// <summary>Whether it has come.</summary>
    bool IsOver { get; }

    /// <summary>Parks the task until it may have come.</summary>
    Coroutine ParkAsync();

    /// <summary>The task was cancelled: sees that it comes soon.</summary>
    void Canceled(CanceledException cancellation);
}
