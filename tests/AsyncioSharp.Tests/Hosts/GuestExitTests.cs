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

    [Theory]
    [InlineData(GuestProgram.Interrupted, "cleaned up\nSIGINT: interrupted")]
    [InlineData(GuestProgram.InterruptedHost, "")]
    public void Ctrl_C_cancels_the_program_unless_it_is_left_to_the_host(string name, string output)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill()");
        using var program = new ChildProgram(name);
        Assert.Equal("ready", program.ReadLine());

        program.SendInterrupt();

        Assert.Equal((128 + 2, output, ""), program.WaitForEnd());
    }
}
