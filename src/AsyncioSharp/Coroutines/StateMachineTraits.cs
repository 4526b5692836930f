using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What is known of a compiled method, read once from its state machine.</summary>
internal static class StateMachineTraits<TStateMachine>
    where TStateMachine : IAsyncStateMachine
{
    /// <summary>Whether the method has exception clauses of its own, besides the one that the compiler wraps around it.</summary>
    public static readonly bool HasHandlers = CountClauses() != 1;

    /// <summary>Whether the method awaits something that is not this library's, such as a <see cref="Task"/>.</summary>
    public static readonly bool AwaitsForeign = FindForeignAwaiter();

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Without a body the method counts as having handlers, which is always right, only slower.")]
    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "The same: a MoveNext that is not found counts as having handlers.")]
    private static int CountClauses()
    {
        try
        {
            const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            var moveNext = typeof(TStateMachine).GetMethod("MoveNext", Any)
                ?? typeof(TStateMachine).GetMethod("System.Runtime.CompilerServices.IAsyncStateMachine.MoveNext", Any);
            return moveNext?.GetMethodBody()?.ExceptionHandlingClauses.Count ?? 0;
        }
        catch (Exception e) when (e is NotSupportedException or PlatformNotSupportedException or AmbiguousMatchException)
        {
            return 0;
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "Where fields may be missing the answer is yes, which is always right, only slower.")]
    private static bool FindForeignAwaiter()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return true;
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var field in typeof(TStateMachine).GetFields(Any))
        {
            // Awaiters that are classes are kept in fields of type object.
            if (field.Name.StartsWith("<>u__", StringComparison.Ordinal) && field.FieldType.Assembly != typeof(Coroutine).Assembly)
                return true;
        }
        return false;
    }
}
