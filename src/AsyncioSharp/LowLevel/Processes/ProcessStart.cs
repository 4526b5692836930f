namespace AsyncioSharp.LowLevel;

/// <summary>What is to be started.</summary>
internal sealed class ProcessStart
{
    public ProcessStart(string program, string[] arguments, SubprocessOptions options, Stdio standard)
    {
        Program = program;
        Arguments = arguments;
        Options = options;
        Streams = [options.StandardInput ?? standard, options.StandardOutput ?? standard, options.StandardError ?? standard];
        Check();
    }

    public string Program { get; }

    public string[] Arguments { get; }

    public SubprocessOptions Options { get; }

    /// <summary>The three standard streams, by their descriptors.</summary>
    public Stdio[] Streams { get; }

    /// <summary>The command line for a shell.</summary>
    public static ProcessStart Shell(string command, SubprocessOptions options, Stdio standard) => OperatingSystem.IsWindows()
        ? new ProcessStart(Environment.GetEnvironmentVariable("ComSpec") ?? "cmd.exe", ["/s", "/c", command], options, standard)
        : new ProcessStart("/bin/sh", ["-c", command], options, standard);

    /// <summary>The environment as asked for.</summary>
    public Dictionary<string, string> MakeEnvironment()
    {
        var environment = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        if (Options.Environment is { } replaced)
        {
            foreach (var (name, value) in replaced)
                environment[name] = value;
        }
        else
        {
            var own = Environment.GetEnvironmentVariables().GetEnumerator();
            while (own.MoveNext())
                environment[(string)own.Key] = (string?)own.Value ?? "";
        }
        foreach (var (name, value) in Options.EnvironmentChanges ?? new Dictionary<string, string?>())
        {
            if (value is null)
                environment.Remove(name);
            else
                environment[name] = value;
        }
        return environment;
    }

    private void Check()
    {
        CheckText(Program, "program");
        foreach (var argument in Arguments)
        {
            ArgumentNullException.ThrowIfNull(argument, "arguments");
            CheckText(argument, "arguments");
        }
        foreach (var (name, value) in Options.Environment ?? new Dictionary<string, string>())
            CheckVariable(name, value);
        foreach (var (name, value) in Options.EnvironmentChanges ?? new Dictionary<string, string?>())
            CheckVariable(name, value);
        if (Options.WorkingDirectory is { } directory)
            CheckText(directory, "options");
        if (Streams[0].Kind == StdioKind.ToStandardOutput || Streams[1].Kind == StdioKind.ToStandardOutput)
        {
            throw new ArgumentException(
                $"{nameof(Stdio)}.{nameof(Stdio.ToStandardOutput)} is for the standard error: " +
                "the other two cannot be the same as the standard output.", "options");
        }
        if (Options.ProcessGroup is < 0)
        {
            throw new ArgumentOutOfRangeException(
                "options", Options.ProcessGroup, "A process group is the number of its first process, or 0 for a new one.");
        }
        if (Options.NewSession && Options.ProcessGroup is not null)
            throw new ArgumentException("A new session has a process group of its own: leave ProcessGroup out.", "options");
        if (Options.KillEntireProcessTree && Options.ProcessGroup is > 0)
        {
            throw new ArgumentException(
                "KillEntireProcessTree kills the process group in the end, which has to be a new one: leave ProcessGroup out.", "options");
        }
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Options.Limit, "options");
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.GracePeriod, TimeSpan.Zero, "options");
        foreach (var (number, handle) in Options.ExtraDescriptors ?? new Dictionary<int, System.Runtime.InteropServices.SafeHandle>())
        {
            ArgumentNullException.ThrowIfNull(handle, "options");
            if (number <= 2)
                throw new ArgumentException($"Descriptor {number} is a standard stream: extra descriptors begin with 3.", "options");
        }
    }

    private static void CheckVariable(string name, string? value)
    {
        CheckText(name, "options");
        CheckText(value ?? "", "options");
        if (name.Length == 0 || name.Contains('='))
            throw new ArgumentException($"'{name}' cannot be the name of an environment variable: it must not be empty, or contain '='.", "options");
    }

    private static void CheckText(string text, string parameter)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("Text that is passed to a process cannot contain a null character.", parameter);
    }
}
