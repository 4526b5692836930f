namespace AsyncioSharp;

/// <summary>When <see cref="Asyncio.Wait(IEnumerable{Future}, TimeSpan?, WaitUntil)"/> returns.</summary>
public enum WaitUntil
{
    /// <summary>When all have completed (<c>ALL_COMPLETED</c>).</summary>
    AllCompleted,

    /// <summary>When any has completed or was cancelled (<c>FIRST_COMPLETED</c>).</summary>
    FirstCompleted,

    /// <summary>When any has failed, else when all have completed (<c>FIRST_EXCEPTION</c>). Being cancelled is no failure.</summary>
    FirstException,
}
