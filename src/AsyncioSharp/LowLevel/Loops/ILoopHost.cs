namespace AsyncioSharp.LowLevel;

/// <summary>Who runs a loop in slices.</summary>
internal interface ILoopHost
{
    /// <summary>
    /// Something of the loop's is about to be changed between two slices; the loop has to look at it. On the host's thread that is
    /// right, on others a mistake.
    /// </summary>
    /// <returns>False if this is another thread than the host's.</returns>
    bool IsTouched();
}
