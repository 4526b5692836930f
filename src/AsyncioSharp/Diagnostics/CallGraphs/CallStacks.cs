using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>The call stacks of tasks, the innermost frame first.</summary>
internal static class CallStacks
{
    private static readonly Assembly s_library = typeof(Coroutine).Assembly;

    /// <summary>The frames of a task that has not completed, and what the innermost waits for.</summary>
    public static (List<CallGraphFrame> Frames, string? WaitsFor) Of(AsyncioTask task)
    {
        if (task.InnermostFrame is not { } frame)
            return ([], null);
        var target = task.WaitingOn;
        if (target is null && !task.IsScheduled && frame.Status != CoroutineStatus.Created
            && ReferenceEquals(task.Loop.CurrentTask, task) && task.Loop.IsOnThread)
        {
            var running = OfThread();
            AddFrames(running, frame.Parent);
            return (WithoutPlumbing(running), null);
        }
        var frames = new List<Entry>();
        if (target is ForeignWait foreign)
        {
            foreach (var inner in StateMachines.BehindAwaiter(foreign.Awaiter).Frames)
                frames.Add(new Entry(inner, IsLibrary: false));
            frames.Reverse();
        }
        AddFrames(frames, frame, isRunning: target is null && !task.IsScheduled);
        return (WithoutPlumbing(frames), target is null ? null : Describe(task, target));
    }

    /// <summary>
    /// Where the program is now: its frames on this thread, and those of the task that runs. What the library called inside, to
    /// get here, is left out.
    /// </summary>
    public static List<CallGraphFrame> Here()
    {
        const int Most = 10;
        var frames = OfThread();
        if (EventLoop.RunningOrNull?.CurrentTask is { WaitingOn: null, InnermostFrame: { } frame })
            AddFrames(frames, frame.Parent, most: Most);
        frames.RemoveRange(0, frames.FindIndex(static entry => !entry.IsLibrary) is var first and >= 0 ? first : frames.Count);
        var shown = WithoutPlumbing(frames);
        return shown.Count > Most ? shown[..Most] : shown;
    }

    /// <summary>The name of a task's coroutine: that of its outermost frame, or of the lambda that it was given.</summary>
    public static string? CoroutineName(AsyncioTask task)
    {
        var frame = task.InnermostFrame;
        // By which the library calls an async lambda is nobody's name, once the lambda has begun.
        while (frame?.Parent is { } parent && !IsCallOfDelegate(parent.StateMachineType))
            frame = parent;
        return frame is null ? null : FrameNames.Of(frame.StateMachineType);
    }

    private static bool IsCallOfDelegate(Type machine) =>
        machine.DeclaringType == typeof(Asyncio) && machine.Name.StartsWith($"<{nameof(Asyncio.Call)}>", StringComparison.Ordinal);

    /// <summary>The frames on this thread's stack down to the task or loop that runs, or to its end if none does.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "What was trimmed away has no name.")]
    private static List<Entry> OfThread()
    {
        var frames = new List<Entry>();
        var inFramework = 0;
        foreach (var frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { } method)
                continue;
            var type = method.DeclaringType;
            if ((type == typeof(AsyncioTask) && method.Name == "Step") || (type == typeof(EventLoop) && method.Name == nameof(EventLoop.RunForever)))
                break;
            var isMachine = type is not null && typeof(IAsyncStateMachine).IsAssignableFrom(type);
            var isAsync = isMachine && method.Name == "MoveNext";
            var isLibrary = type?.Assembly == s_library;
            if (isLibrary)
                frames.RemoveRange(frames.Count - inFramework, inFramework); // the library called these
            // Of what lies between the frames, that is ours, .NET's own and the compiler's, nobody wants to know.
            if (!isAsync && (isMachine || isLibrary || IsMachinery(type)))
            {
                inFramework = isLibrary ? 0 : inFramework;
                continue;
            }
            var name = isAsync ? FrameNames.Of(type!) : FrameNames.Of(type, method.Name);
            frames.Add(new Entry(new CallGraphFrame(name, frame.GetFileName(), frame.GetFileLineNumber(), isAsync), isLibrary));
            inFramework = !isLibrary && IsFramework(type) ? inFramework + 1 : 0;
        }
        return frames;
    }

    private static bool IsMachinery(Type? type) =>
        type?.Namespace is "System.Runtime.CompilerServices" or "System.Threading" or "System.Threading.Tasks"
            && type.Assembly == typeof(object).Assembly;

    private static bool IsFramework(Type? type) =>
        type?.Assembly is { } assembly && (assembly == typeof(object).Assembly || assembly.FullName!.StartsWith("System.", StringComparison.Ordinal));

    private static void AddFrames(List<Entry> frames, CoroutineBox? frame, bool isRunning = false, int most = int.MaxValue)
    {
        for (; frame is not null && most-- > 0; frame = frame.Parent)
        {
            var running = isRunning && frame.Status != CoroutineStatus.Created;
            frames.Add(new Entry(StateMachines.Frame(frame.StateMachineCopy!, running), frame.StateMachineType.Assembly == s_library));
            isRunning = false;
        }
    }

    // What the library calls itself by inside is not for its users: of frames of its own that call each other the outermost
    // stands for all. One by which it called the program's is left out.
    private static List<CallGraphFrame> WithoutPlumbing(List<Entry> frames)
    {
        var shown = new List<CallGraphFrame>(frames.Count);
        for (var i = 0; i < frames.Count; i++)
        {
            if (!frames[i].IsLibrary)
                shown.Add(frames[i].Frame);
            else if (i + 1 < frames.Count ? !frames[i + 1].IsLibrary : shown.Count == 0)
                shown.Add(frames[i].Frame with { Method = WithoutCore(frames[i].Frame.Method), File = null, Line = 0 });
        }
        return shown;
    }

    private static string WithoutCore(string method) =>
        method.EndsWith("CoreAsync", StringComparison.Ordinal) ? $"{method[..^"CoreAsync".Length]}Async"
        : method.EndsWith("Core", StringComparison.Ordinal) ? method[..^"Core".Length]
        : method;

    /// <summary>What a parked task waits for, in words.</summary>
    public static string Describe(AsyncioTask task, IWaitTarget target)
    {
        // A future that the library waits for inside says nothing; the object that waits there does.
        var isAnonymous = target is Future { IsAnonymous: true };
        if (isAnonymous && task.InnermostFrame is { } frame && frame.StateMachineType.Assembly == s_library
            && StateMachines.ThisOf(frame.StateMachineCopy!) is { } owner && OverridesToString(owner))
        {
            return owner.ToString()!;
        }
        return target.DescribeWait(task) ?? TypeNames.Of(target.GetType());
    }

    /// <summary>
    /// The task that holds a lock, if one has what <see cref="AsyncLock.AcquireAsync"/> gave it in a variable, as
    /// <c>using</c> does; null if none does, or there are too many tasks to look at.
    /// </summary>
    public static AsyncioTask? HolderOf(AsyncLock mutex, EventLoop loop)
    {
        const int Most = 200;
        if (loop.Tasks.Count > Most)
            return null;
        foreach (var task in loop.AllTasks())
        {
            for (var frame = task.InnermostFrame; frame is not null; frame = frame.Parent)
            {
                if (StateMachines.Holds<AsyncLock.Releaser>(frame.StateMachineCopy!).Any(releaser => releaser.Lock == mutex))
                    return task;
            }
        }
        return null;
    }

    private static bool OverridesToString(object owner)
    {
        Func<string?> text = owner.ToString;
        return text.Method.DeclaringType != typeof(object);
    }

    private readonly record struct Entry(CallGraphFrame Frame, bool IsLibrary);
}
