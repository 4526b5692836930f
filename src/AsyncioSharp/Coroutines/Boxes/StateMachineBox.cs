using System.Runtime.CompilerServices;

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
        BoxPools.Rent<StateMachineBox<TStateMachine, T>>()
        ?? new StateMachineBox<TStateMachine, T> { CannotNotice = (s_traits & CoroutineTraits.HasNoHandlers) != 0 };

    /// <summary>Takes over a machine that has not run.</summary>
    /// <param name="machine">The machine, in a local variable of the method that was called.</param>
    /// <param name="builder">The first byte of the builder that stands in it.</param>
    /// <remarks>
    /// To store references in an object takes longer than all other values together, as the collector has to see it, and a box that is used again needs none:
    /// the machine of a method that holds nothing (<see cref="CoroutineTraits.HoldsNothing"/>) is not cleared after success, so that its builder still names the box,
    /// and by nothing else does this find such a box. The other places for references, which are those of awaiters, are null both there, since the compiler has cleared them
    /// after their awaits, and in a machine that has not run. So all but the builder can be copied as plain memory.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Take(ref TStateMachine machine, ref byte builder)
    {
        // Behind the state and at most one more number, as in most machines that hold nothing; the others are copied as usual. So are those that await nothing:
        // they have little to copy, which the JIT has in registers where nobody asks for its address.
        const int Builder = 2 * sizeof(int);
        if (typeof(TStateMachine).IsValueType && Unsafe.SizeOf<TStateMachine>() > Builder + Unsafe.SizeOf<object>()
            && Unsafe.ByteOffset(ref At(ref machine, 0), ref builder) == Builder
            && ReferenceEquals(Unsafe.As<byte, object?>(ref At(ref StateMachine, Builder)), this))
        {
            // Each number by itself, as it was written: both at once could be read only when the writes have reached the cache.
            Unsafe.As<byte, int>(ref At(ref StateMachine, 0)) = Unsafe.As<byte, int>(ref At(ref machine, 0));
            Unsafe.As<byte, int>(ref At(ref StateMachine, sizeof(int))) = Unsafe.As<byte, int>(ref At(ref machine, sizeof(int)));
            var rest = Builder + Unsafe.SizeOf<object>();
            Unsafe.CopyBlock(ref At(ref StateMachine, rest), ref At(ref machine, rest), (uint)(Unsafe.SizeOf<TStateMachine>() - rest));
        }
        else
        {
            StateMachine = machine;
        }
    }

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
        var succeeded = Status == CoroutineStatus.Succeeded;
        var loop = LoopForReturn();
        Version++;
        Status = CoroutineStatus.Created;
        Parent = null;
        // One that was left while it waited has its awaiter still.
        if (!succeeded || (s_traits & CoroutineTraits.HoldsNothing) == 0)
            StateMachine = default!;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Result = default!;
        if (loop is not null)
            BoxPools.Return(loop, this);
    }

    internal override bool RecycleWaiting()
    {
        if (BoxPools.Of<StateMachineBox<TStateMachine, T>>(Loop).IsFull)
            return false;
        Recycle();
        return true;
    }

    private static ref byte At(ref TStateMachine machine, nint offset) => ref Unsafe.AddByteOffset(ref Unsafe.As<TStateMachine, byte>(ref machine), offset);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object Copy(object machine);
}
