using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What both method builders do when a method awaits something that is not ready.</summary>
internal static class FrameSuspension
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Suspend<TAwaiter>(CoroutineBox frame, ref TAwaiter awaiter)
        where TAwaiter : INotifyCompletion
    {
        // The JIT knows the answer for each struct, and calls the method without boxing.
        if (default(TAwaiter) is not null && awaiter is IFrameAwaiter)
            ((IFrameAwaiter)awaiter).Suspend(frame);
        else
            ForeignWait<TAwaiter>.Suspend(frame, ref awaiter);
    }
}
