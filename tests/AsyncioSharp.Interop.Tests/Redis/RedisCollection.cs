namespace AsyncioSharp.Tests.Interop;

/// <summary>The collection of tests that share a Redis server.</summary>
[CollectionDefinition(nameof(RedisCollection))]
public sealed class RedisCollection : ICollectionFixture<RedisServer>;
