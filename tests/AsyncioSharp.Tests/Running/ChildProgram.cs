using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AsyncioSharp.Tests.Hosts;
using AsyncioSharp.Tests.Subprocesses;
using AsyncioSharp.Tests.Telemetry;
using AsyncioSharp.Tests.Traces;

namespace AsyncioSharp.Tests;

/// <summary>
/// Runs a program in a process of its own, which a signal may end: this very executable, told by an environment variable
/// to be the program instead of a test run.
/// </summary>
internal sealed class ChildProgram : IDisposable
{
    internal const string Variable = "ASYNCIOSHARP_TEST_PROGRAM";
    private const int Interrupt = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    /// <summary>Starts a program, of <see cref="InterruptedPrograms"/> for example.</summary>
    public ChildProgram(string name, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProgram).Assembly.Location);
        start.Environment[Variable] = name;
        foreach (var (key, value) in environment ?? [])
            start.Environment[key] = value;
        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    /// <summary>Waits for the next line that the program prints.</summary>
    public string? ReadLine() => _process.StandardOutput.ReadLine();

    /// <summary>What Ctrl-C sends.</summary>
    public void SendInterrupt() => Send(Interrupt);

    /// <summary>Sends it a signal.</summary>
    public void Send(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    /// <summary>Waits for the end.</summary>
    public (int ExitCode, string Output, string Error) WaitForEnd()
    {
        var (output, error) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        Assert.True(_process.WaitForExit(s_patience), "the program does not end");
        return (_process.ExitCode, output.GetAwaiter().GetResult().Trim(), error.GetAwaiter().GetResult().Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    // Before Main, so that the test runner does not start.
    [ModuleInitializer]
    internal static void BecomeProgram()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } name)
            return;
        Environment.Exit(name switch
        {
            ProgramWithoutDescriptors.Name => ProgramWithoutDescriptors.Run(),
            ProgramWithoutThreads.Name => ProgramWithoutThreads.Run(),
            _ when name.StartsWith(InterruptTraces.ProgramPrefix, StringComparison.Ordinal) =>
                InterruptTraces.RunProgram(name[InterruptTraces.ProgramPrefix.Length..]),
            _ when name.StartsWith(TerminalPrograms.Prefix, StringComparison.Ordinal) => TerminalPrograms.Run(name),
            _ when name.StartsWith(ListeningPrograms.Prefix, StringComparison.Ordinal) => ListeningPrograms.Run(name),
            GuestProgram.Name => GuestProgram.Run(),
            _ => InterruptedPrograms.Run(name),
        });
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
