namespace AsyncioSharp.Tests;

/// <summary>Ctrl-C, sent to programs in processes of their own.</summary>
public sealed class InterruptTests
{
    private const int EndedByInterrupt = 128 + 2;

    public InterruptTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill()");

    [Theory]
    [CPythonTest("test_runners.py", "RunnerTests", "test_interrupt_call_soon")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_interrupt_wait")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_interrupt_cancelled_task")]
    [InlineData("yields", "cancelled: interrupted")]
    [InlineData("waits", "future cancelled: True|cancelled: interrupted")]
    [InlineData("cleans up", "cleaned up|cancelled: interrupted")]
    [InlineData("group", "child|child|child|cancelled: interrupted")]
    [InlineData("cancels itself", "cancelled: by itself")]
    [InlineData("waits for a thread", "thread told|cancelled: interrupted")]
    [InlineData("waits, after a run", "future cancelled: True|cancelled: interrupted")]
    public void Once_cancels_the_main_task(string program, string expected)
    {
        using var child = new ChildProgram(program);
        Assert.Equal("ready", child.ReadLine());

        child.SendInterrupt();

        var (exitCode, output, error) = child.WaitForEnd();
        Assert.Equal("", error);
        Assert.Equal(expected.Split('|').Order(), output.Split('\n').Order());
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public void Twice_ends_a_program_that_does_not_listen()
    {
        using var child = new ChildProgram("ignores");
        Assert.Equal("ready", child.ReadLine());

        child.SendInterrupt();
        Assert.Equal("ignored", child.ReadLine());
        child.SendInterrupt();

        Assert.Equal(EndedByInterrupt, child.WaitForEnd().ExitCode);
    }

    [Theory]
    [InlineData("uncaught", 2, 130)]
    [InlineData("uncaught, by termination", 15, 143)]
    public void An_uncaught_interrupt_ends_with_its_exit_code_and_no_report_of_a_crash(string program, int signal, int exitCode)
    {
        using var child = new ChildProgram(program);
        Assert.Equal("ready", child.ReadLine());

        child.Send(signal);

        Assert.Equal((exitCode, "cleaned up", ""), child.WaitForEnd());
    }

    [Theory]
    [InlineData("after a run", 2, 130)]
    [InlineData("after a run that handled termination", 15, 143)]
    public void After_a_run_it_ends_the_process_as_ever(string program, int signal, int exitCode)
    {
        using var child = new ChildProgram(program);
        Assert.Equal("ready", child.ReadLine());

        child.Send(signal);

        Assert.Equal((exitCode, "", ""), child.WaitForEnd());
    }

    [Theory]
    [InlineData("handles it", 2)]
    [InlineData("handles termination", 15)]
    public void A_handler_of_the_programs_own_takes_the_place_of_the_cancellation_until_it_is_removed(string program, int signal)
    {
        using var child = new ChildProgram(program);
        Assert.Equal("ready", child.ReadLine());

        child.Send(signal);
        Assert.Equal("handled", child.ReadLine());
        child.Send(signal);

        Assert.Equal((1, "cancelled: interrupted", ""), child.WaitForEnd());
    }

    [Fact]
    public void Tasks_that_do_not_end_are_reported_and_left()
    {
        using var child = new ChildProgram("does not end");
        Assert.Equal("ready", child.ReadLine());

        child.SendInterrupt();

        var (exitCode, _, error) = child.WaitForEnd();
        Assert.Equal(1, exitCode);
        Assert.Contains("had not ended after 0.05 s", error);
        Assert.Contains("StubbornAsync", error);
    }
}
