using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>What is known of a compiled method, read once from its state machine.</summary>
internal static class StateMachineTraits<TStateMachine>
    where TStateMachine : IAsyncStateMachine
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Whether the method has exception clauses of its own, besides the one that the compiler wraps around it.</summary>
    public static readonly bool HasHandlers = CountClauses() != 1;

    /// <summary>Whether the method awaits something that is not this library's, such as a <see cref="Task"/>.</summary>
    public static readonly bool AwaitsForeign = FindForeignAwaiter();

    /// <summary>
    /// Whether its state can hold on to objects of the program, besides those that the compiler clears after each await.
    /// </summary>
    public static readonly bool HoldsReferences = FindReferences();

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Without a body the method counts as having handlers, which is always right, only slower.")]
    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "The same: a MoveNext that is not found counts as having handlers.")]
    private static int CountClauses()
    {
        try
        {
            var moveNext = typeof(TStateMachine).GetMethod("MoveNext", AnyInstance)
                ?? typeof(TStateMachine).GetMethod("System.Runtime.CompilerServices.IAsyncStateMachine.MoveNext", AnyInstance);
            return moveNext?.GetMethodBody()?.ExceptionHandlingClauses.Count ?? 0;
        }
        catch (Exception e) when (e is NotSupportedException or PlatformNotSupportedException or AmbiguousMatchException)
        {
            return 0;
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "Where fields may be missing the answer is yes, which is always right, only slower.")]
    private static bool FindReferences()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported || !typeof(TStateMachine).IsValueType)
            return true;
        foreach (var field in typeof(TStateMachine).GetFields(AnyInstance))
        {
            var isOwn = field.Name.StartsWith("<>u__", StringComparison.Ordinal) || field.Name == "<>t__builder";
            if (!isOwn && !field.FieldType.IsPrimitive && !field.FieldType.IsEnum)
                return true;
        }
        return false;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "Where fields may be missing the answer is yes, which is always right, only slower.")]
    private static bool FindForeignAwaiter()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return true;
        foreach (var field in typeof(TStateMachine).GetFields(AnyInstance))
        {
            // Awaiters that are classes are kept in fields of type object.
            if (field.Name.StartsWith("<>u__", StringComparison.Ordinal) && field.FieldType.Assembly != typeof(Coroutine).Assembly)
                return true;
        }
        return false;
    }
}
