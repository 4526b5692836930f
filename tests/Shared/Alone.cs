namespace AsyncioSharp.Tests;

/// <summary>
/// The collection of tests that look at what belongs to the whole process: the origins of forgotten coroutines in debug
/// mode, finalizers, environment variables, the loop policy. They run one after the other, and beside no other test.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
