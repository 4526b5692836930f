using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.Tests.Examples;

/// <summary>
/// Builds the programs in <c>examples/</c>, each once for all tests, so that a test only runs one. The first is built
/// alone, because it may build the library too; the others at most two at a time.
/// </summary>
public sealed class ExampleBuilds : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Task<string>> _builds = new();
    private readonly SemaphoreSlim _slots = new(2);
    private readonly CancellationTokenSource _unwanted = new();
    private readonly Task _library;

    public ExampleBuilds()
    {
        var names = Names("").Concat(Names("tour")).ToArray();
        _library = _builds[names[0]] = Task.Run(() => BuildAsync(names[0]));
        foreach (var name in names[1..])
            _builds[name] = Task.Run(() => BuildInTurnAsync(name));
    }

    public static string Repository { get; } = FindRepository();

    /// <summary>The examples in a folder, without <c>.cs</c>.</summary>
    public static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository, "examples", folder), "*.cs")
            .Select(file => Path.Combine(folder, Path.GetFileNameWithoutExtension(file)))
            .Order(StringComparer.Ordinal);

    /// <summary>Runs an example to its end.</summary>
    public async Task<ProgramOutput> RunAsync(string name, params string[] arguments)
    {
        using var program = await StartAsync(name, arguments);
        return await program.WaitAsync();
    }

    /// <summary>Starts an example.</summary>
    public async Task<RunningProgram> StartAsync(string name, params string[] arguments) =>
        new("dotnet", [await _builds[name], .. arguments]);

    /// <summary>Where only some of the examples are tested, no other build goes on beside tests that count processes and descriptors.</summary>
    public async ValueTask DisposeAsync()
    {
        await _unwanted.CancelAsync();
        foreach (var build in _builds.Values)
            await ((Task)build).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // its own test has told
        _unwanted.Dispose();
    }

    private async Task<string> BuildInTurnAsync(string name)
    {
        try
        {
            await _library;
        }
        catch (Exception)
        {
            // Its own test fails. This one may still build.
        }
        await _slots.WaitAsync(_unwanted.Token);
        try
        {
            return await BuildAsync(name);
        }
        finally
        {
            _slots.Release();
        }
    }

    private static async Task<string> BuildAsync(string name)
    {
        using var build = new RunningProgram("dotnet", ["build", $"examples/{name}.cs", "-t:Build", "-getProperty:TargetPath"]);
        var output = await build.WaitAsync();
        // A warning would be a line more; `dotnet run` would show it to whoever tries the example.
        var lines = output.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.True(output.ExitCode == 0 && lines.Length == 1,
            $"examples/{name}.cs does not build without warnings:\n{output.StandardOutput}{output.StandardError}");
        return lines[0];
    }

    private static string FindRepository([CallerFilePath] string source = "")
    {
        var directory = new DirectoryInfo(Path.GetDirectoryName(source)!);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "AsyncioSharp.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException($"No AsyncioSharp.slnx was found above {source}.");
    }
}
