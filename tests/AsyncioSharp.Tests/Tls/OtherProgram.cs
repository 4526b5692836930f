using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Tests.Tls;

/// <summary>A program of the system that the tests talk to. The test is skipped where it is not installed.</summary>
internal sealed class OtherProgram : IDisposable
{
    private readonly Process _process;

    public OtherProgram(string program, params IEnumerable<string> arguments)
    {
        try
        {
            _process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            throw;
        }
        Error = _process.StandardError.ReadToEndAsync();
    }

    public StreamWriter Input => _process.StandardInput;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>What it wrote to standard error, at its end.</summary>
    public Task<string> Error { get; }

    /// <summary>Waits for its end.</summary>
    /// <returns>What it printed, both ways, and its exit code.</returns>
    public async Task<(int ExitCode, string Output)> WaitAsync()
    {
        var output = await Output.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, output + await Error);
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
