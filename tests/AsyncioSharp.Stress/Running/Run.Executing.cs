using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Running;

internal sealed partial class Run
{
    // Longer than any program sleeps: when it is over nothing goes on any more.
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    // Programs may catch so many cancellations before they end.
    private const int MaxRounds = 60;

    private readonly bool _hasShields = program.All().Any(node => node is Scoped { IsShield: true });
    private int _rounds;

    /// <summary>Runs the program to its end, and everything that it left behind.</summary>
    /// <returns>False if it hangs: then the loop is of no more use.</returns>
    public bool Execute()
    {
        Main = loop.CreateTask(program.RunAsync(this), "main");
        loop.CallLater(s_long, static run => run.NothingGoesOn(), this);
        loop.RunForever();
        if (_rounds > MaxRounds)
            return false;
        if (Lines is not null)
            return true;
        CheckMain();
        Shared.Check(this);
        if (Entered != Left)
            Complain(null, $"{Entered} blocks were entered, and {Left} left");
        if (Expected != 0)
            Complain(null, $"{Expected} callbacks were not called");
        return true;
    }

    private void NothingGoesOn()
    {
        var tasks = Asyncio.AllTasks(loop);
        if (tasks.Count == 0 || Lines is not null)
        {
            loop.Stop();
            return;
        }
        // The library has tasks of its own, which wait for those of the program.
        var anyKnown = tasks.Any(_known.Contains);
        foreach (var task in tasks)
        {
            if (anyKnown && !_known.Contains(task))
                continue;
            if (!MayWait(task))
                Complain(null, $"{task} waits for ever: for {_waits.GetValueOrDefault(task)}");
            else if (IsCanceled(task) && _waits.TryGetValue(task, out var wait) && wait.IsDirect && !IsLeavingGroup(task) && !_hasShields)
                Complain(null, $"{task} was cancelled, and waits for {wait} all the same");
        }
        foreach (var group in Groups)
        {
            if (group.IsLeaving && _undelivered.Contains(group.Parent)
                && !_hasShields && group.Tasks.Exists(task => !task.IsCompleted && task.CancelRequests == 0))
            {
                Complain(null, $"{group.Parent} was cancelled while it left a group, and the group's tasks were not");
            }
        }
        if (++_rounds > MaxRounds)
        {
            Complain(null, $"the program does not end: {string.Join(", ", tasks)}");
            loop.Stop();
            return;
        }
        // Whatever waits with reason waits for what will not happen any more.
        foreach (var task in tasks)
            Cancel(task);
        loop.CallLater(s_long, static run => run.NothingGoesOn(), this);
    }

    // What it said last may be out of date if it was cancelled since: then it can only be leaving a group.
    private bool MayWait(AsyncioTask task) =>
        (_waits.TryGetValue(task, out var wait) && wait.IsJustified) || IsLeavingGroup(task);

    // A request is delivered once; a scope that is cancelled lets nothing wait in it.
    private bool IsCanceled(AsyncioTask task) =>
        _undelivered.Contains(task) || Scopes.Exists(open => ReferenceEquals(open.Task, task) && open.Scope.IsCancelRequested);

    private bool IsLeavingGroup(AsyncioTask task) => Groups.Exists(group => ReferenceEquals(group.Parent, task) && group.IsPending);

    private void CheckMain()
    {
        if (!Main.IsCompleted)
        {
            Complain(null, $"the loop knows of no task, but {Main} has not ended");
            return;
        }
        if (Main.IsFaulted)
        {
            Running.Failures.See(Main.Exception);
            if (!Running.Failures.IsExpected(Main.Exception))
                Complain(null, $"the main task failed with {Main.Exception}");
        }
        if (Main.CancelRequests != Requests)
            Complain(null, $"the main task counts {Main.CancelRequests} requests to cancel it; there were {Requests}");
        if (Requests > 0 && !_caughtSince && Main.IsCompletedSuccessfully)
            Complain(null, "the main task succeeded, though it was cancelled and nothing in the program caught that");
        if (Main.IsCanceled && !_anyCanceled && !AwaitsOthers)
            Complain(null, "the main task ended as cancelled, and nobody has cancelled it");
    }
}
