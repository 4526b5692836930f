using System.Diagnostics;

namespace AsyncioSharp.Tests.Interop;

/// <summary>A server that is not ours: a program with a temporary folder and a free port, stopped and removed at the end.</summary>
internal sealed class ServerProgram : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private ServerProgram(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="folder">Its folder, removed at the end.</param>
    /// <param name="readiness">What it writes when it can be used.</param>
    public static ServerProgram Start(IReadOnlyList<string> command, DirectoryInfo folder, string readiness)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true },
        };
        var ready = new TaskCompletionSource();
        var said = new List<string>();
        process.OutputDataReceived += Listen;
        process.ErrorDataReceived += Listen;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
            ready.TrySetException(new InvalidOperationException($"{command[0]} has ended: {string.Join(Environment.NewLine, said)}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var program = new ServerProgram(process, folder);
        try
        {
            ready.Task.WaitAsync(s_patience).GetAwaiter().GetResult();
        }
        catch
        {
            program.Dispose();
            throw;
        }
        return program;

        void Listen(object sender, DataReceivedEventArgs e)
        {
            lock (said)
                said.Add(e.Data ?? "");
            if (e.Data?.Contains(readiness, StringComparison.Ordinal) is true)
                ready.TrySetResult();
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static void Run(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} has ended with {process.ExitCode}: {output}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Run(["kill", "-INT", $"{_process.Id}"]);
            if (!_process.WaitForExit(s_patience))
                _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
