using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The numbers of signals, for which .NET has names that mean the same everywhere.</summary>
internal static class SignalNumbers
{
#pragma warning disable CA1416 // only names are compared: Windows says itself what it does not have
    /// <summary>The number of a signal on this system.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no signal.</exception>
    public static int Of(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        PosixSignal.SIGTERM => 15,
        PosixSignal.SIGCHLD => OperatingSystem.IsMacOS() ? 20 : 17,
        PosixSignal.SIGCONT => OperatingSystem.IsMacOS() ? 19 : 18,
        PosixSignal.SIGTTIN => 21,
        PosixSignal.SIGTTOU => 22,
        PosixSignal.SIGWINCH => 28,
        PosixSignal.SIGTSTP => OperatingSystem.IsMacOS() ? 18 : 20,
        _ when (int)signal > 0 => (int)signal,
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "This system has no such signal."),
    };
#pragma warning restore CA1416

    /// <summary>.NET's name for a number, or the number itself where it has none.</summary>
    public static PosixSignal ToPosixSignal(int number)
    {
        foreach (var signal in Enum.GetValues<PosixSignal>())
        {
            if (Of(signal) == number)
                return signal;
        }
        return (PosixSignal)number;
    }
}
