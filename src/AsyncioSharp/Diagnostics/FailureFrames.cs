using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>The frames through which an exception went.</summary>
internal static class FailureFrames
{
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "What was trimmed away has no name.")]
    public static List<CallGraphFrame> Of(Exception exception)
    {
        var frames = new List<CallGraphFrame>();
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { } method || method.IsDefined(typeof(StackTraceHiddenAttribute), inherit: false))
                continue;
            var type = method.DeclaringType;
            if (type?.Assembly == typeof(Coroutine).Assembly)
                continue;
            var isAsync = type is not null && typeof(IAsyncStateMachine).IsAssignableFrom(type);
            var name = isAsync ? FrameNames.Of(type!) : FrameNames.Of(type, method.Name);
            frames.Add(new CallGraphFrame(name, frame.GetFileName(), frame.GetFileLineNumber(), isAsync));
        }
        return frames;
    }
}
