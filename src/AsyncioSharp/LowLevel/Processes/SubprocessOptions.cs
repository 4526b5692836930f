using System.Runtime.InteropServices;

namespace AsyncioSharp;

/// <summary>How a subprocess is started, by <see cref="Asyncio.CreateSubprocessExecAsync"/> and its like, and how it ends.</summary>
public sealed record SubprocessOptions
{
    /// <summary>What it reads from (<c>stdin</c>); by default what this program does, and a pipe for the loop's own methods.</summary>
    public Stdio? StandardInput { get; init; }

    /// <summary>Where it writes to (<c>stdout</c>); by default where this program does, and a pipe for the loop's own methods.</summary>
    public Stdio? StandardOutput { get; init; }

    /// <summary>Where it writes errors to (<c>stderr</c>); by default where this program does, and a pipe for the loop's own
    /// methods.</summary>
    public Stdio? StandardError { get; init; }

    /// <summary>The directory in which it starts (<c>cwd</c>); by default this program's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>All of its environment (<c>env</c>); by default this program's. The program is searched in the <c>PATH</c> that comes of
    /// this.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Variables to set in its environment, or to take out if the value is null.</summary>
    public IReadOnlyDictionary<string, string?>? EnvironmentChanges { get; init; }

    /// <summary>Whether it starts a session of its own, without a terminal (<c>start_new_session</c>).</summary>
    public bool NewSession { get; init; }

    /// <summary>The process group that it joins (<c>process_group</c>); 0 for a new one. A group of its own does not get the
    /// terminal's Ctrl-C.</summary>
    public int? ProcessGroup { get; init; }

    /// <summary>
    /// Descriptors that it gets beside the standard streams (<c>pass_fds</c>), by the number that they have there. They stay
    /// the caller's. All others are closed in it.
    /// </summary>
    public IReadOnlyDictionary<int, SafeHandle>? ExtraDescriptors { get; init; }

    /// <summary>How far readers of its output search for a separator, and half of what they take in before they hold it up;
    /// 64 KiB by default (<c>limit</c>).</summary>
    public int Limit { get; init; } = ConnectionOptions.DefaultLimit;

    /// <summary>How long it has to end after it was asked to, when its owner is disposed of; then it is killed. Five seconds
    /// by default.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether what it has started ends with it, however it ends. On Unix it gets a process group of its own for that, whose
    /// members are killed.
    /// </summary>
    public bool KillEntireProcessTree { get; init; }

    /// <summary>Whether it may go on after the loop was closed. Otherwise it is killed then.</summary>
    public bool Detached { get; init; }
}
