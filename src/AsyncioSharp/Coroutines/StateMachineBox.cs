using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>The box of one compiled method, with its pool: a thread keeps what its coroutines have left.</summary>
internal sealed class StateMachineBox<TStateMachine, T> : CoroutineBox<T>
    where TStateMachine : IAsyncStateMachine
{
    // Enough for await chains a thousand deep to allocate nothing, little enough to forget.
    private const int PoolSize = 2048;

    private sealed class Pool
    {
        public StateMachineBox<TStateMachine, T>? First;
        public int Count;
    }

    [ThreadStatic]
    private static Pool? t_pool;

    internal TStateMachine StateMachine = default!;

    internal override bool HasHandlers => StateMachineTraits<TStateMachine>.HasHandlers;

    internal override Type StateMachineType => typeof(TStateMachine);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static StateMachineBox<TStateMachine, T> Rent()
    {
        var pool = t_pool;
        if (pool is not null && pool.First is { } box)
        {
            pool.First = Unsafe.As<StateMachineBox<TStateMachine, T>?>(box.Parent);
            pool.Count--;
            box.Parent = null;
            return box;
        }
        return Make();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static StateMachineBox<TStateMachine, T> Make()
    {
        t_pool ??= new Pool();
        return new StateMachineBox<TStateMachine, T>();
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
        Version++;
        Status = CoroutineStatus.Created;
        StateMachine = default!;
        Outcome = null;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Result = default!;
        var pool = t_pool ??= new Pool();
        if (pool.Count >= PoolSize)
        {
            Parent = null;
            return;
        }
        Parent = pool.First;
        pool.First = this;
        pool.Count++;
    }

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
