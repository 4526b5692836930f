namespace AsyncioSharp.CompilerServices;

/// <summary>An awaiter that knows how to suspend a coroutine without a continuation delegate.</summary>
internal interface IFrameAwaiter
{
    /// <summary>Starts what is awaited on behalf of the frame, which runs now.</summary>
    void Suspend(CoroutineBox frame);
}
