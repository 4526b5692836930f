namespace AsyncioSharp.Tests.Interop;

/// <summary>A PostgreSQL server of its own, with an empty database; there is none where the program is not installed.</summary>
public sealed class PostgresServer : IDisposable
{
    private const string Account = "postgres"; // made by Debian's package; the server refuses to run as root

    private readonly ServerProgram? _program;

    public PostgresServer()
    {
        if (FindPrograms() is not { } programs)
            return;
        var folder = Directory.CreateTempSubdirectory("asynciosharp-postgres-");
        string[] user = [];
        if (Environment.IsPrivilegedProcess)
        {
            ServerProgram.Run(["chown", Account, folder.FullName]);
            user = ["setpriv", $"--reuid={Account}", $"--regid={Account}", "--clear-groups"];
        }
        var data = Path.Combine(folder.FullName, "data");
        ServerProgram.Run(
            [.. user, Path.Combine(programs, "initdb"), "-D", data, "-U", "test", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]);
        var port = Ports.Free();
        _program = ServerProgram.Start(
            [
                .. user, Path.Combine(programs, "postgres"), "-D", data,
                "-c", "listen_addresses=127.0.0.1", "-c", $"port={port}", "-c", "unix_socket_directories=",
                "-c", "fsync=off", "-c", "max_connections=200",
            ],
            folder, "ready to accept connections");
        ConnectionString = $"Host=127.0.0.1;Port={port};Username=test;Database=postgres;SSL Mode=Disable";
    }

    /// <summary>How to connect; null if there is no server.</summary>
    public string? ConnectionString { get; }

    public void Dispose() => _program?.Dispose();

    // Debian keeps the server's programs out of the path, a folder for each version.
    private static string? FindPrograms()
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var folders = versions.OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            .Select(version => Path.Combine(version, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }
}
