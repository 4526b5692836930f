using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>Looks into the compiler's state machines, ours and those of .NET's own asynchronous methods.</summary>
internal static class StateMachines
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const int Unknown = int.MinValue;

    /// <summary>The frame of a method that waits, or has not begun.</summary>
    public static CallGraphFrame Frame(IAsyncStateMachine machine, bool isRunning = false)
    {
        var type = machine.GetType();
        var state = StateOf(machine);
        // A method that runs has the state of one that has not begun.
        var place = isRunning && state < 0 ? null : AwaitSites.Find(type, state);
        return new CallGraphFrame(FrameNames.Of(type), place?.File, place?.Line ?? 0, IsAsync: true);
    }

    /// <summary>The object of whose method it is a call; null for static ones.</summary>
    public static object? ThisOf(IAsyncStateMachine machine) =>
        FieldsOf(machine.GetType()).FirstOrDefault(static field => field.Name == "<>4__this")?.GetValue(machine);

    /// <summary>The values of the fields of a type, such as a local variable that outlives an await.</summary>
    public static IEnumerable<T> Holds<T>(IAsyncStateMachine machine)
    {
        foreach (var field in FieldsOf(machine.GetType()))
        {
            if (field.FieldType == typeof(T) && field.GetValue(machine) is T value)
                yield return value;
        }
    }

    /// <summary>
    /// The frames of .NET's own asynchronous methods behind an awaiter, the outermost first, and what the innermost waits
    /// for: a task or the like; null where that cannot be seen.
    /// </summary>
    public static (List<CallGraphFrame> Frames, object? WaitsFor) BehindAwaiter(object awaiter)
    {
        const int Most = 1000;
        var frames = new List<CallGraphFrame>();
        object? awaited = null;
        for (object? next = awaiter; next is not null && frames.Count < Most;)
        {
            if ((next as Task ?? Inside(next, 3)) is not { } inner)
                break;
            awaited = inner;
            if (MachineOf(inner) is not { } machine)
                break;
            frames.Add(Frame(machine));
            next = AwaiterOf(machine);
        }
        return (frames, awaited);
    }

    private static int StateOf(IAsyncStateMachine machine) =>
        FieldsOf(machine.GetType()).FirstOrDefault(static field => field.Name == "<>1__state")?.GetValue(machine) is int state ? state : Unknown;

    // A task of an async method is the box of its state machine; an async iterator is its state machine itself.
    private static IAsyncStateMachine? MachineOf(object awaited) =>
        awaited as IAsyncStateMachine ?? FieldsOf(awaited.GetType())
            .FirstOrDefault(static field => field.Name == "StateMachine")?.GetValue(awaited) as IAsyncStateMachine;

    private static object? AwaiterOf(IAsyncStateMachine machine)
    {
        foreach (var field in FieldsOf(machine.GetType()))
        {
            // Those that do not wait are cleared.
            if (field.Name.StartsWith("<>u__", StringComparison.Ordinal) && field.GetValue(machine) is { } awaiter && Inside(awaiter, 3) is not null)
                return awaiter;
        }
        return null;
    }

    // Awaiters are structs around what they wait for, some of them around each other.
    private static object? Inside(object awaiter, int depth)
    {
        foreach (var field in FieldsOf(awaiter.GetType()))
        {
            if (field.GetValue(awaiter) is not { } value)
                continue;
            if (value is Task or IAsyncStateMachine)
                return value;
            if (depth > 0 && field.FieldType.IsValueType && !field.FieldType.IsPrimitive && Inside(value, depth - 1) is { } inner)
                return inner;
        }
        return null;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "What was trimmed away is not shown.")]
    private static FieldInfo[] FieldsOf(Type type) => type.GetFields(AnyInstance);
}
