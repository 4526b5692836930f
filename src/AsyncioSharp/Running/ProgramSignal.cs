using System.Runtime.InteropServices;

namespace AsyncioSharp;

/// <summary>A signal that ends programs, for the runs that handle it.</summary>
/// <remarks>
/// .NET is asked once to tell of it, and keeps telling: to take that back at the end of each run would take a tenth of what a loop costs a small
/// program. Without runs nobody says that the signal was dealt with, and .NET has it do what it does otherwise.
/// </remarks>
internal sealed class ProgramSignal
{
    public static readonly ProgramSignal Interrupt = new(PosixSignal.SIGINT);
    public static readonly ProgramSignal Termination = new(PosixSignal.SIGTERM);

    private readonly PosixSignal _signal;
    private PosixSignalRegistration? _registration;
    private Interrupts[] _runs = new Interrupts[0]; // replaced and never changed, as signals come on a thread of .NET's

    private ProgramSignal(PosixSignal signal) => _signal = signal;

    /// <summary>Tells a run of the signal from now on.</summary>
    public void Add(Interrupts run)
    {
        lock (this)
        {
            try
            {
                _registration ??= PosixSignalRegistration.Create(_signal, Tell);
            }
            catch (PlatformNotSupportedException)
            {
                return; // a system without the signal has nothing to tell
            }
            var runs = new Interrupts[_runs.Length + 1];
            Array.Copy(_runs, runs, _runs.Length);
            runs[^1] = run;
            Volatile.Write(ref _runs, runs);
        }
    }

    /// <summary>Ends <see cref="Add"/>; once more it does nothing.</summary>
    public void Remove(Interrupts run)
    {
        lock (this)
        {
            // By hand: .NET loads comparers and delegates for what finds things, at the end of every program.
            var place = 0;
            while (place < _runs.Length && !ReferenceEquals(_runs[place], run))
                place++;
            if (place == _runs.Length)
                return;
            var runs = new Interrupts[_runs.Length - 1];
            Array.Copy(_runs, runs, place);
            Array.Copy(_runs, place + 1, runs, place, runs.Length - place);
            Volatile.Write(ref _runs, runs);
        }
    }

    private void Tell(PosixSignalContext context)
    {
        foreach (var run in Volatile.Read(ref _runs))
            run.OnSignal(context);
    }
}
