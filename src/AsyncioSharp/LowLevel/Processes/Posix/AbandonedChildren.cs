namespace AsyncioSharp.LowLevel;

/// <summary>
/// Children whose loop was closed while they ran, as they were allowed to. Nobody waits for them; whoever starts the next
/// process looks whether they have ended, so that they do not stay zombies.
/// </summary>
internal static class AbandonedChildren
{
    private static readonly Lock s_lock = new();
    private static readonly List<int> s_children = [];
    private static volatile bool s_any;

    public static void Add(int process)
    {
        lock (s_lock)
        {
            s_children.Add(process);
            s_any = true;
        }
    }

    /// <summary>Reaps those that have ended.</summary>
    public static void Reap()
    {
        if (!s_any)
            return;
        lock (s_lock)
        {
            s_children.RemoveAll(static process => PosixProcess.Reap(process, out _) != 0);
            s_any = s_children.Count > 0;
        }
    }
}
