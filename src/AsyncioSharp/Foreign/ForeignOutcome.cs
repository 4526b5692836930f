using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Finds out whether what an awaiter of .NET waited for ended as cancelled, without taking its result. .NET keeps the
/// task of an awaiter private; this is asked only after a cancellation, so it may be slow. Where it cannot be found out,
/// the answer is no: then the cancellation is delivered at the next await, rather than lost.
/// </summary>
internal static class ForeignOutcome
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "A field that is not found means: unknown.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A field or property that is not found means: unknown.")]
    public static bool IsCanceled<TAwaiter>(ref TAwaiter awaiter)
        where TAwaiter : INotifyCompletion
    {
        object? awaited = awaiter;
        // At most: the awaiter, a wrapper inside it, and the task.
        for (var depth = 0; depth < 3 && awaited is not null; depth++)
        {
            if (awaited is Task task)
                return task.IsCanceled;
            var type = awaited.GetType();
            if (type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>)))
                return type.GetProperty(nameof(ValueTask.IsCanceled))?.GetValue(awaited) is true;
            if (type.Assembly != typeof(Task).Assembly)
                return false;
            var field = type.GetField("m_task", Fields) ?? type.GetField("_value", Fields) ?? type.GetField("_awaiter", Fields);
            awaited = field?.GetValue(awaited);
        }
        return false;
    }
}
