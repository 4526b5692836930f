using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Several loops, each on a thread of its own: with one for each core a program uses all of them, and still has no locks, as long
/// as each loop keeps to its own data. Servers listen on all of them, work is handed across with its result, and connections can
/// move. asyncio's programs start several processes for that.
/// </summary>
public sealed partial class LoopGroup : IAsyncDisposable, IDisposable
{
    // How long the end waits for what was cancelled, if nothing was said.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    [ThreadStatic]
    private static LoopGroup? t_current;

    [ThreadStatic]
    private static int t_index;

    private readonly LoopGroupOptions _options;
    private readonly LoopGroupMember[] _members;
    private int _turn;

    private LoopGroup(LoopGroupOptions options)
    {
        _options = options;
        _members = new LoopGroupMember[options.Count];
    }

    /// <summary>The group of the loop that runs on this thread; null if there is none.</summary>
    public static LoopGroup? Current => t_current;

    /// <summary>The index in <see cref="Loops"/> of the loop that runs on this thread; -1 if it is not one of a group.</summary>
    public static int CurrentIndex => t_current is null ? -1 : t_index;

    /// <summary>The loops. What is done with them from elsewhere goes through this group, or
    /// <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/>.</summary>
    public IReadOnlyList<EventLoop> Loops { get; private set; } = [];

    /// <summary>Whether a loop is about to end, or has: because the group ends it, or by itself, as something on it has called
    /// <see cref="EventLoop.Stop"/>. Nothing is handed to it any more, and connections had better not move there. On any thread.</summary>
    /// <param name="loop">One of <see cref="Loops"/>.</param>
    /// <exception cref="ArgumentException">The loop is not one of the group's.</exception>
    public bool HasStopped(EventLoop loop) => MemberOf(loop).HasStopped;

    /// <summary>Starts the loops, all of them or none.</summary>
    /// <param name="options">How many, and how they are run.</param>
    /// <exception cref="ArgumentOutOfRangeException">There would be none.</exception>
    /// <exception cref="InvalidOperationException">One cannot be started, for the reason that is inside. The others were
    /// stopped.</exception>
    public static LoopGroup Start(LoopGroupOptions? options = null)
    {
        options ??= new LoopGroupOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Count, nameof(options));
        options = options with { Runner = options.Runner with { TaskShutdownTimeout = options.Runner.TaskShutdownTimeout ?? s_patience } };
        var group = new LoopGroup(options);
        for (var i = 0; i < options.Count; i++)
        {
            try
            {
                group._members[i] = new LoopGroupMember(group, i, options.Runner);
                group._members[i].IntroduceAsync(options).GetAwaiter().GetResult();
            }
            catch (Exception e)
            {
                foreach (var member in group._members.TakeWhile(static member => member is not null))
                    member.DisposeAsync().AsTask().GetAwaiter().GetResult();
                throw new InvalidOperationException(
                    $"Loop {i} of {options.Count} cannot be started, and those before it were stopped again: {e.Message}", e);
            }
        }
        group.Loops = Array.ConvertAll(group._members, static member => member.Loop);
        return group;
    }

    internal static void Enter(LoopGroup group, int index) => (t_current, t_index) = (group, index);

    // Those that have not ended.
    private LoopGroupMember[] Working()
    {
        var members = Array.FindAll(_members, static member => !member.HasStopped);
        return members.Length > 0
            ? members
            : throw new ObjectDisposedException(nameof(LoopGroup), "All loops of the group have ended. Start a new group.");
    }

    private LoopGroupMember MemberOf(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        return Array.Find(_members, member => ReferenceEquals(member.Loop, loop))
            ?? throw new ArgumentException("The loop is not one of this group. They are in LoopGroup.Loops.", nameof(loop));
    }
}
