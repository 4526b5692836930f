using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>The box of one compiled method, with how it is reused.</summary>
internal sealed class StateMachineBox<TStateMachine, T> : CoroutineBox<T>
    where TStateMachine : IAsyncStateMachine
{
    private static CoroutineTraits s_traits;

    internal TStateMachine StateMachine = default!;

    internal override bool HasHandlers
    {
        get
        {
            if ((s_traits & (CoroutineTraits.HasHandlers | CoroutineTraits.HasNoHandlers)) == 0)
                s_traits |= StateMachineTraits.HandlersOf(typeof(TStateMachine));
            return (s_traits & CoroutineTraits.HasNoHandlers) == 0;
        }
    }

    internal override Type StateMachineType => typeof(TStateMachine);

    internal override IAsyncStateMachine? StateMachineCopy =>
        typeof(TStateMachine).IsValueType ? StateMachine
        : StateMachine is { } machine ? Unsafe.As<IAsyncStateMachine>(Copy(machine))
        : null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static StateMachineBox<TStateMachine, T> Rent() =>
        EventLoop.RunningOrNull?.BoxPools.Of<StateMachineBox<TStateMachine, T>>().Rent()
        ?? new StateMachineBox<TStateMachine, T> { CannotNotice = (s_traits & CoroutineTraits.HasNoHandlers) != 0 };

    internal override void Begin(CoroutineBox parent, long token)
    {
        var loop = parent.Loop;
        BeginOn(loop);
        CannotNotice = parent.CannotNotice && (s_traits & CoroutineTraits.HasNoHandlers) != 0;
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
        var isForeign = (s_traits & CoroutineTraits.AwaitsNothingForeign) == 0;
        var outside = isForeign ? EnterForeign(ref s_traits) : null;
        do
        {
            ResumeAtOnce = false;
            StateMachine.MoveNext();
        }
        while (ResumeAtOnce);
        if (isForeign)
            LeaveForeign(outside);
    }

    internal override void Recycle()
    {
        var pools = PoolsForReturn();
        Version++;
        Status = CoroutineStatus.Created;
        Parent = null;
        if ((s_traits & CoroutineTraits.HoldsNothing) == 0)
            StateMachine = default!;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Result = default!;
        pools?.Of<StateMachineBox<TStateMachine, T>>().Return(this);
    }

    internal override bool RecycleWaiting()
    {
        if (Loop.BoxPools.Of<StateMachineBox<TStateMachine, T>>().IsFull)
            return false;
        Recycle();
        return true;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object Copy(object machine);
}
