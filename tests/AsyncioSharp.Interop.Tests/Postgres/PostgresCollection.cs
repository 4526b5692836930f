namespace AsyncioSharp.Tests.Interop;

/// <summary>The collection of tests that share a PostgreSQL server.</summary>
[CollectionDefinition(nameof(PostgresCollection))]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;
