using AsyncioSharp.Tests.Faults;

namespace AsyncioSharp.Tests.Subprocesses;

// Signals that are refused, as by a process that has changed its user, and what cannot be looked at.
public sealed partial class SubprocessFaultTests
{
    private static async Coroutine<(Subprocess Process, int Grandchild)> StartTreeAsync()
    {
        var process = await Asyncio.CreateSubprocessShellAsync("sh -c 'sleep 1000 & echo $!; wait' & wait", s_piped);
        return (process, int.Parse(await process.StandardOutput!.ReadLineAsync()));
    }

    [Fact]
    public void Other_processes_that_cannot_be_looked_at_keep_no_tree_alive() => Run(async () =>
    {
        var (process, grandchild) = await StartTreeAsync();
        using (var plan = new FaultPlan("stat", NoPermission, at: 1)) // of the first that there is
        {
            Assert.True(process.Kill(entireProcessTree: true));
            Assert.True(plan.HasStruck);
        }

        Assert.Equal(-9, await process.WaitAsync());
        await Until(() => !Children.Runs(grandchild));
    });

    [Fact]
    public void Whatever_fails_while_a_tree_is_stopped_all_that_was_stopped_is_killed() => Run(async () =>
    {
        var (process, grandchild) = await StartTreeAsync();
        using (new FaultPlan("kill", error: 0, at: 0) { OnCall = FailAtGrandchild })
            Assert.Throws<DivideByZeroException>(() => process.Kill(entireProcessTree: true));

        Assert.Equal(-9, await process.WaitAsync());
        await Until(() => !Children.Runs(grandchild));

        static void FailAtGrandchild(int call)
        {
            if (call == 3)
                throw new DivideByZeroException();
        }
    });
}
