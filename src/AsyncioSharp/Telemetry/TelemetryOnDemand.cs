using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Makes the meter and the event source as soon as somebody can look at them. What .NET has to load for them takes half as long
/// as the whole start of a small program, which ends before anybody has looked.
/// </summary>
/// <remarks>
/// Whoever listens inside of the process has to load the assembly that has the listener's class, before the first line of code
/// that uses it: that is when they are made. Tools outside find metrics in the same way, as the runtime loads that assembly for
/// them; and events by a source that is made when a loop has its first pause, or at once if the process was started under such a
/// tool. Nothing here may mention the two in the same method that is run in any case.
/// </remarks>
internal static class TelemetryOnDemand
{
    private const string Metrics = "System.Diagnostics.DiagnosticSource,";
    private const string Tracing = "System.Diagnostics.Tracing,";

    private static readonly object s_gate = new(); // no Lock: .NET would load half a dozen types for it, at the start of every program
    private static bool s_isBeginning;
    private static bool s_hasBegun;
    private static int s_hasPaused;
    private static bool s_hasMeter;
    private static bool s_writesEvents;

    /// <summary>Whether the meter was made; before, nothing must touch it.</summary>
    public static bool HasMeter => Volatile.Read(ref s_hasMeter);

    /// <summary>Whether somebody may listen to events; before, nothing must touch their source.</summary>
    public static bool WritesEvents => s_writesEvents;

    /// <summary>There are loops from now on, of which somebody could want to know.</summary>
    public static void Begin()
    {
        if (!Volatile.Read(ref s_hasBegun))
            BeginFirst();
    }

    /// <summary>A loop waits, or has run for a while.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pause()
    {
        if (s_hasPaused == 0)
            PauseFirst();
    }

    /// <summary>The event source has been asked for events.</summary>
    public static void BeginEvents() => s_writesEvents = true;

    // Whoever makes a loop at the same time waits: it may be measured from the first.
    private static void BeginFirst()
    {
        lock (s_gate)
        {
            if (s_isBeginning)
                return; // by now, or further up on this thread
            s_isBeginning = true;
            LookAround();
            Volatile.Write(ref s_hasBegun, true);
        }
    }

    private static void LookAround()
    {
        // What was compiled ahead of time is not loaded by assemblies; nor does any of this take long then.
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            MakeMeter();
            MakeEvents();
            return;
        }
        AppDomain.CurrentDomain.AssemblyLoad += static (_, e) => Look(e.LoadedAssembly); // first, so that none is missed
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            Look(assembly);
        if (Environment.GetEnvironmentVariable("DOTNET_EnableEventPipe") is "1"
            || Environment.GetEnvironmentVariable("DOTNET_DiagnosticPorts") is { Length: > 0 })
        {
            MakeEvents();
        }
    }

    // On a thread of its own: the loop goes on at once when its pause ends.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PauseFirst()
    {
        if (Interlocked.Exchange(ref s_hasPaused, 1) != 0)
            return;
        try
        {
            new Thread(static () => MakeEvents()) { IsBackground = true, Name = "AsyncioSharp event source" }.UnsafeStart();
        }
        catch (OutOfMemoryException) // .NET's way to say that there are no threads left, which is nothing to stop a loop for
        {
            MakeEvents();
        }
    }

    private static void Look(Assembly assembly)
    {
        if (assembly.FullName is not { } name)
            return;
        if (name.StartsWith(Metrics, StringComparison.Ordinal))
            MakeMeter();
        else if (name.StartsWith(Tracing, StringComparison.Ordinal))
            MakeEvents();
    }

    private static void MakeMeter()
    {
        LoopMeter.Make();
        Volatile.Write(ref s_hasMeter, true);
    }

    private static void MakeEvents()
    {
        Volatile.Write(ref s_hasPaused, 1);
        AsyncioEventSource.Make();
    }
}
