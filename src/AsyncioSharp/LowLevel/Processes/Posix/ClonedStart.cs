using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Starts a program by clone3, after which <see cref="ChildCode"/> makes what calls the child needs.</summary>
/// <remarks>
/// What makes the pointers safe: the thread stands still until the child uses its memory no more. No handler of this program's
/// is the child's, so that no signal that reaches it early, as a terminal's Ctrl-C does, has one run in the shared memory.
/// </remarks>
internal static unsafe class ClonedStart
{
    private const int ChildSignal = 17;
    private const int SetMask = 2; // SIG_SETMASK
    private const int SignalSetSize = 8;
    private const int ActionSize = 32; // struct sigaction as the kernel has it
    private const int FirstExtra = 3;

    // As x86-64 numbers them, which is the machine that ChildCode is for.
    private const int SetAction = 13, SetSignalMask = 14, Execute = 59, ChangeDirectory = 80,
        SetGroup = 109, NewSession = 112, Duplicate = 292, CloseRange = 436;

    private static readonly nint s_highestDescriptor = unchecked((nint)uint.MaxValue);

    // A kernel older than 5.9, or a sandbox, may not have it. No descriptor has the highest number: this closes nothing.
    private static bool s_isAvailable = ChildCode.IsAvailable && PosixProcess.CloseRange(s_highestDescriptor, s_highestDescriptor) == 0;

    /// <summary>Starts it.</summary>
    /// <param name="program">What is to be started.</param>
    /// <param name="result">Its number, or an error number, negated.</param>
    /// <returns>False if nothing can be started this way here.</returns>
    public static bool TryRun(in NewProgram program, out int result)
    {
        result = 0;
        if (!s_isAvailable)
            return false;
        var nothing = stackalloc byte[ActionSize]; // the default action, and no signals
        new Span<byte>(nothing, ActionSize).Clear();
        var calls = Prepare(program, nothing);
        var clone = new CloneArguments
        {
            Flags = CloneArguments.ShareMemory | CloneArguments.HoldParent | CloneArguments.WithoutHandlers,
            ExitSignal = ChildSignal,
        };
        var isStruck = Faults.Strike("clone3");
        fixed (SystemCall* first = calls)
            result = isStruck ? -Marshal.GetLastSystemError() : ChildCode.Run(&clone, first);
        // A kernel older than 5.5, or a sandbox: Docker's allows clone, but not clone3. There is no child; what cannot be had
        // because too much is in use is no reason to try another way.
        if (result is < 0 and not (-Errno.EAGAIN or -Errno.ENOMEM))
        {
            s_isAvailable = isStruck;
            return false;
        }
        if (result < 0)
            return true;
        foreach (ref readonly var call in calls)
        {
            if (call.Failure == 0)
                continue;
            PosixProcess.WaitAndReap(result);
            result = (int)call.Failure;
            break;
        }
        return true;
    }

    private static Span<SystemCall> Prepare(in NewProgram program, byte* nothing)
    {
        var calls = new List<SystemCall> { new(SetAction, PosixProcess.BrokenPipeSignal, (nint)nothing, 0, SignalSetSize) };
        if (program.NewSession)
            calls.Add(new(NewSession));
        if (program.Group >= 0)
            calls.Add(new(SetGroup, 0, program.Group));
        foreach (var (source, target) in program.Descriptors)
            calls.Add(new(Duplicate, source, target));
        AddClosing(calls, program.Descriptors);
        if (program.Directory is not null)
            calls.Add(new(ChangeDirectory, (nint)program.Directory));
        calls.Add(new(SetSignalMask, SetMask, (nint)nothing, 0, SignalSetSize));
        calls.Add(new(Execute, (nint)program.Path, (nint)program.Arguments, (nint)program.Environment));
        return CollectionsMarshal.AsSpan(calls);
    }

    private static void AddClosing(List<SystemCall> calls, ReadOnlySpan<(int Source, int Target)> descriptors)
    {
        var kept = new List<int>();
        foreach (var (_, target) in descriptors)
        {
            if (target >= FirstExtra)
                kept.Add(target);
        }
        kept.Sort();
        var from = FirstExtra;
        foreach (var number in kept)
        {
            if (number > from)
                calls.Add(new(CloseRange, from, number - 1));
            from = number + 1;
        }
        calls.Add(new(CloseRange, from, s_highestDescriptor));
    }
}
