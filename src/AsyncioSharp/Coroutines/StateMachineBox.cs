using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>The box of one compiled method, with how it is reused.</summary>
internal sealed class StateMachineBox<TStateMachine, T> : CoroutineBox<T>
    where TStateMachine : IAsyncStateMachine
{
    private static readonly int s_kind = BoxPools.NewKind();

    internal TStateMachine StateMachine = default!;

    internal override bool HasHandlers => StateMachineTraits<TStateMachine>.HasHandlers;

    internal override Type StateMachineType => typeof(TStateMachine);

    internal override IAsyncStateMachine? StateMachineCopy =>
        typeof(TStateMachine).IsValueType ? StateMachine
        : StateMachine is { } machine ? Unsafe.As<IAsyncStateMachine>(Copy(machine))
        : null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static StateMachineBox<TStateMachine, T> Rent() =>
        EventLoop.RunningOrNull?.BoxPools.Of<StateMachineBox<TStateMachine, T>>(s_kind).Rent() ?? new StateMachineBox<TStateMachine, T>();

    internal override void Begin(CoroutineBox parent, long token)
    {
        var loop = parent.Loop;
        BeginOn(loop);
        var depth = parent.Depth + 1;
        if (depth < MaxInlineDepth)
        {
            Depth = (byte)depth;
            Status = CoroutineStatus.Started;
            Resume();
            if (Status >= CoroutineStatus.Succeeded)
            {
                parent.ResumeAtOnce = true;
                return;
            }
        }
        else
        {
            // It is still Created: by this the step loop knows that the frame is to be run, and is not parked.
            loop.CurrentTask!.Frame = this;
        }
        Parent = parent;
    }

    internal override void Resume()
    {
        if (StateMachineTraits<TStateMachine>.AwaitsForeign)
        {
            ResumeForeign();
            return;
        }
        do
        {
            ResumeAtOnce = false;
            StateMachine.MoveNext();
        }
        while (ResumeAtOnce);
    }

    internal override void Recycle()
    {
        var pools = PoolsForReturn();
        Version++;
        Status = CoroutineStatus.Created;
        Parent = null;
        if (StateMachineTraits<TStateMachine>.HoldsReferences)
            StateMachine = default!;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Result = default!;
        pools?.Of<StateMachineBox<TStateMachine, T>>(s_kind).Return(this);
    }

    internal override void RecycleWaiting()
    {
        if (!Loop.BoxPools.Of<StateMachineBox<TStateMachine, T>>(s_kind).IsFull)
            Recycle();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object Copy(object machine);

    // .NET's async methods capture the synchronization context when they first wait. A task's own context lets what they
    // wait for afterwards be known as this task's, so that its cancellation finds it.
    private void ResumeForeign()
    {
        var own = Loop.CurrentTask!.SynchronizationContext;
        var before = SynchronizationContext.Current;
        if (!ReferenceEquals(before, own))
            SynchronizationContext.SetSynchronizationContext(own);
        do
        {
            ResumeAtOnce = false;
            StateMachine.MoveNext();
        }
        while (ResumeAtOnce);
        if (!ReferenceEquals(before, own))
            SynchronizationContext.SetSynchronizationContext(before);
    }
}
