using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What the compiler builds <c>async Coroutine&lt;T&gt;</c> methods with.</summary>
/// <typeparam name="T">The result's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct CoroutineMethodBuilder<T>
{
    private CoroutineBox<T>? _box;

    /// <summary>The coroutine that the method returns.</summary>
    public readonly Coroutine<T> Task => new(_box!, _box!.Version);

    /// <summary>Called by compiled code.</summary>
    public static CoroutineMethodBuilder<T> Create() => default;

    /// <summary>Called by compiled code: moves the state machine into a box and runs nothing.</summary>
    /// <typeparam name="TStateMachine">The compiled method.</typeparam>
    /// <param name="stateMachine">Its initial state, in which this builder stands.</param>
    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var box = StateMachineBox<TStateMachine, T>.Rent();
        _box = box; // before the copy, which carries this builder along
        box.Take(ref stateMachine, ref Unsafe.As<CoroutineMethodBuilder<T>, byte>(ref this));
        if (CoroutineOrigin.Tracked)
            CoroutineOrigin.Track(box);
    }

    /// <summary>Called by compiled code.</summary>
    /// <param name="result">What the method returned.</param>
    public readonly void SetResult(T result) => _box!.Succeed(result);

    /// <summary>Called by compiled code.</summary>
    /// <param name="exception">What the method let out.</param>
    public readonly void SetException(Exception exception) => _box!.Fail(exception);

    /// <summary>Called by compiled code.</summary>
    /// <param name="stateMachine">Unused: the state machine is boxed from the start.</param>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) { }

    /// <summary>Called by compiled code.</summary>
    /// <typeparam name="TAwaiter">The awaiter's type.</typeparam>
    /// <typeparam name="TStateMachine">The compiled method.</typeparam>
    /// <param name="awaiter">What is awaited.</param>
    /// <param name="stateMachine">The method's state.</param>
    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => FrameSuspension.Suspend(_box!, ref awaiter);

    /// <summary>Called by compiled code.</summary>
    /// <typeparam name="TAwaiter">The awaiter's type.</typeparam>
    /// <typeparam name="TStateMachine">The compiled method.</typeparam>
    /// <param name="awaiter">What is awaited.</param>
    /// <param name="stateMachine">The method's state.</param>
    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => FrameSuspension.Suspend(_box!, ref awaiter);
}
