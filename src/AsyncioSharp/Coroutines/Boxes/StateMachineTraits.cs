using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// What is known of a compiled method, read once from its state machine. None of this is generic: what is, the JIT compiles
/// again for each method of a program.
/// </summary>
internal static class StateMachineTraits
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Looks whether the method has exception clauses of its own, besides the one that the compiler wraps around it.</summary>
    public static CoroutineTraits HandlersOf(Type stateMachine) =>
        CountClauses(stateMachine) == 1 ? CoroutineTraits.HasNoHandlers : CoroutineTraits.HasHandlers;

    /// <summary>Looks at the fields.</summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "Where fields may be missing a method has no traits, which is always right, only slower.")]
    public static CoroutineTraits Of(Type stateMachine)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return CoroutineTraits.Known;
        var traits = CoroutineTraits.Known | CoroutineTraits.AwaitsNothingForeign;
        if (stateMachine.IsValueType)
            traits |= CoroutineTraits.HoldsNothing;
        foreach (var field in stateMachine.GetFields(AnyInstance))
        {
            var type = field.FieldType;
            if (field.Name.StartsWith("<>u__", StringComparison.Ordinal))
            {
                if (type.Assembly != typeof(Coroutine).Assembly) // awaiters that are classes are kept in fields of type object
                    traits &= ~CoroutineTraits.AwaitsNothingForeign;
            }
            else if (!type.IsPrimitive && !type.IsEnum && field.Name != "<>t__builder")
            {
                traits &= ~CoroutineTraits.HoldsNothing;
            }
        }
        return traits;
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "Without a body the method counts as having handlers, which is always right, only slower.")]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "The same: a MoveNext that is not found counts as having handlers.")]
    private static int CountClauses(Type stateMachine)
    {
        try
        {
            var moveNext = stateMachine.GetMethod("MoveNext", AnyInstance)
                ?? stateMachine.GetMethod("System.Runtime.CompilerServices.IAsyncStateMachine.MoveNext", AnyInstance);
            return moveNext?.GetMethodBody()?.ExceptionHandlingClauses.Count ?? 0;
        }
        catch (Exception e) when (e is NotSupportedException or PlatformNotSupportedException or AmbiguousMatchException)
        {
            return 0;
        }
    }
}
