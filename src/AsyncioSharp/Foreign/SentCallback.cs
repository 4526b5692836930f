using System.Reflection;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>A piece of foreign code for the loop, for whose end another thread waits.</summary>
internal sealed class SentCallback(EventLoop loop, TaskSynchronizationContext context, SendOrPostCallback callback, object? state) : InboxItem
{
    private readonly ManualResetEventSlim _ended = new();
    private Exception? _failure;

    /// <summary>Waits until it has run, and throws what it has thrown.</summary>
    public void Wait()
    {
        _ended.Wait();
        if (_failure is not null)
            throw new TargetInvocationException(_failure);
    }

    internal override void Run()
    {
        try
        {
            ForeignSegment.Run(loop, context, callback, state);
        }
        catch (Exception e)
        {
            _failure = e;
        }
        _ended.Set();
    }

    internal override void Dropped()
    {
        _failure = new ObjectDisposedException(nameof(EventLoop), "The event loop was closed before it could run this.");
        _ended.Set();
    }
}
