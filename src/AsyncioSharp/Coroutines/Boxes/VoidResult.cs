namespace AsyncioSharp.CompilerServices;

/// <summary>The result of a coroutine that has none.</summary>
internal readonly struct VoidResult;
