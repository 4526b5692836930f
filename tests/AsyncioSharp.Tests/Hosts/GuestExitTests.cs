namespace AsyncioSharp.Tests.Hosts;

/// <summary>What becomes of a process with a guest run that has not ended.</summary>
public sealed class GuestExitTests
{
    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_interpreter_exit_with_pending_run")]
    public void A_program_can_end_with_a_run_that_has_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "programs are started as on Linux");
        using var program = new ChildProgram(GuestProgram.Name);

        Assert.Equal((0, "main ends", ""), program.WaitForEnd());
    }
}
