namespace AsyncioSharp.Stress.Running;

/// <summary>A cancellation that a run is to suffer.</summary>
/// <param name="Step">At which step of the program; zero for none.</param>
/// <param name="Kind">From where.</param>
/// <param name="Victim">Which task, by its place among those alive; negative for the program's main task.</param>
/// <param name="Again">After how many more steps the same comes again; zero for never.</param>
internal readonly record struct Injection(int Step, InjectionKind Kind, int Victim = -1, int Again = 0)
{
    public override string ToString() => Step == 0
        ? "no cancellation"
        : $"{(Victim < 0 ? "the main task" : $"task {Victim} of those alive")} " +
            $"cancelled at step {Step} ({Kind}){(Again > 0 ? $", and again {Again} steps later" : "")}";
}
