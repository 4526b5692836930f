namespace AsyncioSharp.CompilerServices;

/// <summary>What is known of a compiled method.</summary>
[Flags]
internal enum CoroutineTraits : byte
{
    None = 0,

    /// <summary>It awaits something that is not this library's, such as a <see cref="Task"/>.</summary>
    AwaitsForeign = 1,

    /// <summary>Its state can hold on to objects of the program, besides those that the compiler clears after each await.</summary>
    HoldsReferences = 2,

    /// <summary>Nothing is known yet, so that it may have all traits: it has never run.</summary>
    NeverRun = 4 | AwaitsForeign | HoldsReferences,

    /// <summary>The same, though it has run.</summary>
    HasRun = 8 | AwaitsForeign | HoldsReferences,
}
