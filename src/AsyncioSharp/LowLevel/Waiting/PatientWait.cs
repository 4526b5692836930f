namespace AsyncioSharp.LowLevel;

/// <summary>Waits that go on however often the task is cancelled.</summary>
internal static class PatientWait
{
    /// <summary>Waits.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="wait">What for.</param>
    /// <returns>The first cancellation that came meanwhile; null if there was none.</returns>
    public static async Coroutine<CanceledException?> RunAsync(AsyncioTask task, IPatientWait wait)
    {
        CanceledException? cancellation = null;
        while (!wait.IsOver)
        {
            try
            {
                await wait.ParkAsync();
            }
            catch (CanceledException e)
            {
                if (cancellation is null)
                {
                    cancellation = e;
                    // A cancelled scope would end each turn of this loop at once, and it would never stand still.
                    task.PauseScopes();
                }
                wait.Canceled(e);
            }
        }
        if (cancellation is not null)
            task.ResumeScopes();
        return cancellation;
    }
}
