namespace AsyncioSharp.CompilerServices;

/// <summary>What is known of a compiled method. As long as a trait is not known, the method counts as not having it.</summary>
[Flags]
internal enum CoroutineTraits : byte
{
    /// <summary>It has never run. It is the default, so that no field needs code to be set to it.</summary>
    NeverRun = 0,

    /// <summary>It has run.</summary>
    HasRun = 1,

    /// <summary>Its state machine was looked at.</summary>
    Known = 2,

    /// <summary>It awaits nothing but what is this library's, no <see cref="Task"/> or the like.</summary>
    AwaitsNothingForeign = 4,

    /// <summary>
    /// Its state can hold on to no objects of the program, but for those that the compiler clears after each await: besides the builder only awaiters have
    /// references. The safety of memory depends on that (<see cref="StateMachineBox{TStateMachine, T}.Take"/>).
    /// </summary>
    HoldsNothing = 8,

    /// <summary>It can notice that it is cancelled.</summary>
    HasHandlers = 16,

    /// <summary>It cannot.</summary>
    HasNoHandlers = 32,
}
