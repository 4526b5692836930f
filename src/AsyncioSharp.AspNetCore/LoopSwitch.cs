using System.Runtime.CompilerServices;

namespace AsyncioSharp.AspNetCore;

/// <summary>To be awaited: see <see cref="IAsyncioConnectionFeature.SwitchToLoop"/>.</summary>
public readonly struct LoopSwitch : ICriticalNotifyCompletion
{
    private readonly AsyncioConnection _connection;

    internal LoopSwitch(AsyncioConnection connection) => _connection = connection;

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
        connection.TryPostAlways(() => connection.Run(static run => ((Action)run!)(), continuation), otherwise: RunElsewhere);

        void RunElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(static run => run(), continuation, preferLocal: true);
    }
}
