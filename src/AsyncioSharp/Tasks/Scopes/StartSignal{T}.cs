using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>With this a task says that it is ready, to whoever awaits
/// <see cref="TaskGroup.StartAsync{T}(Func{StartSignal{T}, Coroutine}, string?)"/>, and what there is to know about it then.</summary>
/// <typeparam name="T">The type of what there is to know.</typeparam>
public sealed class StartSignal<T>
{
    private readonly StartState _state;

    internal StartSignal(StartState state) => _state = state;

    internal T Value { get; private set; } = default!;

    /// <summary>The task is ready: <c>StartAsync</c> returns the value, and the task goes on in the group.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">It was said before, or the task has ended.</exception>
    public void Set(T value)
    {
        _state.SetReady();
        Value = value;
    }
}
