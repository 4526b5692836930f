using System.Runtime.CompilerServices;

namespace AsyncioSharp.AspNetCore;

/// <summary>To be awaited: see <see cref="IAsyncioConnectionFeature.SwitchToLoop"/>.</summary>
public readonly struct LoopSwitch : ICriticalNotifyCompletion
{
    private readonly AsyncioConnection _connection;
    private readonly bool _isKestrel;

    /// <param name="connection">Whose loop it is.</param>
    /// <param name="isKestrel">Whether it is for code of Kestrel's, which runs there without a context.</param>
    internal LoopSwitch(AsyncioConnection connection, bool isKestrel = false) => (_connection, _isKestrel) = (connection, isKestrel);

    /// <summary>Whether this is the loop's thread.</summary>
    public bool IsCompleted => _connection.Loop.IsOnThread;

    /// <summary>Gets what <c>await</c> uses: itself.</summary>
    public LoopSwitch GetAwaiter() => this;

    /// <summary>Ends the await.</summary>
    public void GetResult() { }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation)
    {
        var connection = _connection;
        connection.TryPostAlways(_isKestrel ? RunPlain : RunOnBehalf, otherwise: RunElsewhere);

        void RunPlain() => connection.RunPlain(static run => ((Action)run!)(), continuation);

        void RunOnBehalf() => connection.Run(static run => ((Action)run!)(), continuation);

        void RunElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(static run => run(), continuation, preferLocal: true);
    }
}
