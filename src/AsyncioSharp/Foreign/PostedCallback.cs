using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>A piece of foreign code in the ready queue.</summary>
internal sealed class PostedCallback(EventLoop loop, TaskSynchronizationContext context, SendOrPostCallback callback, object? state) : InboxItem
{
    internal override void Run() => ForeignSegment.Run(loop, context, callback, state);

    internal override void Dropped() => loop.GoOnElsewhere(context, callback, state);
}
