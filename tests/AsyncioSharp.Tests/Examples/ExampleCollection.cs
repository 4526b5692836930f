namespace AsyncioSharp.Tests.Examples;

/// <summary>The collection of tests that run programs from <c>examples/</c>.</summary>
[CollectionDefinition(nameof(ExampleCollection))]
public sealed class ExampleCollection : ICollectionFixture<ExampleBuilds>;
