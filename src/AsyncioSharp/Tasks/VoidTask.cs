using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A task without a result, or with one that nobody wants.</summary>
internal sealed class VoidTask(EventLoop loop, CoroutineBox root, string? name, ExecutionContext? context)
    : AsyncioTask(loop, root, name, context)
{
    private protected override void TakeResult(CoroutineBox root) { }
}
