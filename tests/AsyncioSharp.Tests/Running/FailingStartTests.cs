namespace AsyncioSharp.Tests;

/// <summary>A run that cannot begin.</summary>
public sealed class FailingStartTests
{
    [Fact]
    public void A_run_for_which_no_thread_is_to_be_had_leaves_the_loop_and_the_thread_to_later_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the address space is limited in Linux's way");
        using var program = new ChildProgram(ProgramWithoutThreads.Name, [ProgramWithoutThreads.LargeStacks]);

        var (code, output, _) = program.WaitForEnd(); // it has to tell that it stalls, too

        Assert.Equal(0, code);
        Assert.Equal(["OutOfMemoryException", "OutOfMemoryException", "ran", "ran", "ran", "watched"], output.Split('\n'));
    }
}
