using System.ComponentModel;
using System.Diagnostics;

namespace AsyncioSharp.Tests.Peers;

/// <summary>Another program, to talk to. The test is skipped where it is not installed. It is killed in the end, if it has not left.</summary>
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

    /// <summary>A Python program.</summary>
    public static OtherProgram Python(string program, params IEnumerable<string> arguments) => new("python3", ["-c", program, .. arguments]);

    /// <summary>Sends it a line.</summary>
    public void WriteLine(string line)
    {
        Input.WriteLine(line);
        Input.Flush();
    }

    /// <summary>Ends its input.</summary>
    public void EndInput() => Input.Close();

    /// <summary>The next line that it prints; null at the end.</summary>
    public async Coroutine<string?> ReadLineAsync() => await Output.ReadLineAsync();

    /// <summary>Everything that it still prints, until it has exited.</summary>
    public async Coroutine<string> ReadToEndAsync()
    {
        var output = await Output.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return output;
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>What it printed, both ways, and its exit code.</returns>
    public async Task<(int ExitCode, string Output)> WaitAsync()
    {
        var output = await Output.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, output + await Error);
    }

    /// <summary>It has ended, and well.</summary>
    public async Coroutine AssertSucceededAsync() => Assert.True(_process.ExitCode == 0, $"It has exited with {_process.ExitCode}: {await Error}");

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
