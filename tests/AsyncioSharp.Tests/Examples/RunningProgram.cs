using System.Diagnostics;
using System.Text;

namespace AsyncioSharp.Tests.Examples;

/// <summary>A program that runs beside the tests, in the repository's folder.</summary>
public sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly StringBuilder _output = new();

    public RunningProgram(string program, IEnumerable<string> arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = ExampleBuilds.Repository,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                Environment =
                {
                    ["DOTNET_NOLOGO"] = "1",
                    ["DOTNET_CLI_UI_LANGUAGE"] = "en",
                    ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                    // A build server that outlives the build would keep these pipes open.
                    ["MSBUILDDISABLENODEREUSE"] = "1",
                },
            },
        };
        _process.Start();
        _process.StandardInput.Close();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>The next line of its output; null at the end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        if (line is not null)
            _output.Append(line).Append('\n');
        return line;
    }

    /// <summary>Waits until it has ended.</summary>
    public async Task<ProgramOutput> WaitAsync()
    {
        while (await ReadLineAsync() is not null)
        {
        }
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        return new ProgramOutput(_process.ExitCode, _output.ToString(), await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
