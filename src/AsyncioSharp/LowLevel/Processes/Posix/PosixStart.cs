using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>Starts a process on Linux: opens what it is to have, starts it, and closes this program's side of that.</summary>
internal ref struct PosixStart(ProcessStart start)
{
    private const string NullDevice = "/dev/null";

    private readonly List<(int Source, int Target)> _descriptors = [];
    private readonly List<SafeHandle> _held = [];
    private readonly List<SafeHandle> _opened = [];
    private readonly SafeFileHandle?[] _ends = new SafeFileHandle?[3];

    /// <summary>Starts a process.</summary>
    /// <param name="start">What is to be started.</param>
    /// <param name="pipes">Takes this program's ends of its pipes.</param>
    /// <returns>Its number.</returns>
    public static int Run(ProcessStart start, PipeHandle?[] pipes)
    {
        AbandonedChildren.Reap();
        using var run = new PosixStart(start);
        var process = run.Run();
        for (var i = 0; i < pipes.Length; i++)
        {
            if (run._ends[i] is { } end)
                pipes[i] = PipeHandle.Of(end);
            run._ends[i] = null;
        }
        return process;
    }

    public readonly void Dispose()
    {
        foreach (var handle in _held)
            handle.DangerousRelease();
        foreach (var handle in _opened)
            handle.Dispose();
        foreach (var end in _ends)
            end?.Dispose();
    }

    private readonly int Run()
    {
        var options = start.Options;
        var environment = start.MakeEnvironment();
        var searched = environment.GetValueOrDefault("PATH");
        var path = ProgramPath.Find(start.Program, searched, options.WorkingDirectory) ?? throw StartErrors.NotFound(start.Program, searched);
        OpenAll();
        var group = options.ProcessGroup ?? (options.KillEntireProcessTree && !options.NewSession ? 0 : -1);
        var variables = new string[environment.Count];
        var count = 0;
        foreach (var (name, value) in environment)
            variables[count++] = $"{name}={value}";
        using var program = new NewProgram(path, [start.Program, .. start.Arguments], variables, options.WorkingDirectory)
        {
            Descriptors = CollectionsMarshal.AsSpan(_descriptors),
            NewSession = options.NewSession,
            Group = group,
        };
        if (!ClonedStart.TryRun(program, out var result))
            result = SpawnedStart.Run(program);
        return result >= 0 ? result : throw StartErrors.FromErrno(-result, start, path);
    }

    private readonly void OpenAll()
    {
        var extra = start.Options.ExtraDescriptors;
        var highest = Math.Max(2, extra?.Keys.DefaultIfEmpty().Max() ?? 2);
        for (var target = 0; target < start.Streams.Length; target++)
        {
            var stream = start.Streams[target];
            if (stream.Kind == StdioKind.ToStandardOutput)
                _descriptors.Add((1, 2)); // behind what the standard output became
            else if (Open(stream, target) is { } source)
                _descriptors.Add((AboveTargets(source, highest), target));
        }
        if (extra is null)
            return;
        foreach (var (target, handle) in extra)
            _descriptors.Add((AboveTargets(Hold(handle), highest), target));
    }

    private readonly int? Open(Stdio stream, int target)
    {
        var toRead = target == 0;
        return stream.Kind switch
        {
            StdioKind.Inherit => null,
            StdioKind.Pipe => OpenPipe(target),
            StdioKind.Null => OpenFile(NullDevice, FileMode.Open, toRead),
            StdioKind.Handle => Hold(stream.Handle!),
            _ => OpenFile(stream.Path!, toRead ? FileMode.Open : stream.Append ? FileMode.OpenOrCreate : FileMode.Create, toRead, stream.Append),
        };
    }

    private readonly int OpenPipe(int target)
    {
        var result = PosixProcess.CreatePipe(out var read, out var write);
        if (result < 0)
            throw StartErrors.FromErrno(-result, start, start.Program);
        var (reading, writing) = (new SafeFileHandle(read, ownsHandle: true), new SafeFileHandle(write, ownsHandle: true));
        var (theirs, ours) = target == 0 ? (reading, writing) : (writing, reading);
        _opened.Add(theirs);
        _ends[target] = ours;
        return (int)theirs.DangerousGetHandle();
    }

    private readonly int OpenFile(string path, FileMode mode, bool toRead, bool append = false)
    {
        // FileMode.Append would not have the system append, which matters when several processes write.
        var handle = append
            ? PosixProcess.OpenToAppend(path)
            : File.OpenHandle(path, mode, toRead ? FileAccess.Read : FileAccess.Write, FileShare.ReadWrite);
        _opened.Add(handle);
        return (int)handle.DangerousGetHandle();
    }

    private readonly int Hold(SafeHandle handle)
    {
        var held = false;
        handle.DangerousAddRef(ref held);
        _held.Add(handle);
        return (int)handle.DangerousGetHandle();
    }

    // So that no descriptor is overwritten in the child before it was made into what it is to be.
    private readonly int AboveTargets(int source, int highest)
    {
        if (source > highest)
            return source;
        var duplicate = PosixProcess.DuplicateAbove(source, highest + 1);
        if (duplicate < 0)
            throw StartErrors.FromErrno(-duplicate, start, start.Program);
        _opened.Add(new SafeFileHandle(duplicate, ownsHandle: true));
        return duplicate;
    }
}
