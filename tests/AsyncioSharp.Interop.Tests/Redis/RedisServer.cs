namespace AsyncioSharp.Tests.Interop;

/// <summary>A Redis server of its own; there is none where the program is not installed.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly ServerProgram? _program;

    public RedisServer()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists) is not { } server)
            return;
        var folder = Directory.CreateTempSubdirectory("asynciosharp-redis-");
        var port = Ports.Free();
        _program = ServerProgram.Start(
            [server, "--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder.FullName, "--save", "", "--appendonly", "no"],
            folder, "eady to accept connections");
        Port = port;
    }

    /// <summary>Where it listens on 127.0.0.1; null if there is no server.</summary>
    public int? Port { get; }

    public void Dispose() => _program?.Dispose();
}
