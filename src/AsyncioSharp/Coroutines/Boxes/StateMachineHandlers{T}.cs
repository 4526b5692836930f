using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>Whether a compiled method could notice that it is cancelled; looked up when the first call of it is.</summary>
internal static class StateMachineHandlers<TStateMachine>
    where TStateMachine : IAsyncStateMachine
{
    public static readonly bool Exist = StateMachineTraits.HasHandlers(typeof(TStateMachine));
}
