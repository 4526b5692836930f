using System.ComponentModel;
using System.Diagnostics;

namespace AsyncioSharp.Tests.Peers;

/// <summary>Another program, to talk to. It is killed in the end, if it has not left.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    private Peer(Process process) => _process = process;

    /// <summary>What it has exited with.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program; the test is skipped where it is not installed.</summary>
    public static Peer Start(string program, params string[] arguments)
    {
        try
        {
            return new Peer(Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            throw;
        }
    }

    /// <summary>Runs a Python program.</summary>
    public static Peer Python(string program, params string[] arguments) => Start("python3", ["-c", program, .. arguments]);

    /// <summary>Sends it a line.</summary>
    public void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Ends its input.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>The next line that it prints; null at the end.</summary>
    public async Coroutine<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync();

    /// <summary>Everything that it still prints, until it has exited.</summary>
    public async Coroutine<string> ReadToEndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return output;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
