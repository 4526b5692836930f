using System.Text;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>Who begins to listen late, or from outside: in processes of their own, as in this one everything is loaded.</summary>
public sealed class ListeningProgramTests
{
    [Fact]
    public void A_program_that_has_run_for_a_while_finds_the_instruments_and_is_told_measurements()
    {
        var lines = Run(ListeningPrograms.Meter);
        Assert.Contains("asyncio.loop.callbacks metered", lines);
        Assert.Contains("asyncio.task.active metered", lines);
        Assert.Contains("asyncio.loop.utilization metered", lines);
        Assert.Contains("asyncio.loop.lag metered", lines);
        Assert.Contains("asyncio.loop.iteration.duration metered", lines);
    }

    [Theory]
    [InlineData(ListeningPrograms.EventsBeforePause)]
    [InlineData(ListeningPrograms.EventsAfterPause)]
    public void A_coroutine_can_listen_to_events_before_and_after_its_loop_has_waited(string program) =>
        Assert.Equal(["TaskStart", "TaskStop", "TaskStop", "LoopStop"], Run(program)[..4]);

    [Fact]
    public void Events_are_told_of_a_loop_that_never_waits() =>
        Assert.Equal(["LoopStop"], Run(ListeningPrograms.EventsWithoutPause));

    [Fact]
    public void Who_listens_before_there_is_a_loop_is_told_its_start() =>
        Assert.Equal(["TaskStart", "LoopStart", "TaskStart", "TaskStop", "TaskStop", "LoopStop"], Run(ListeningPrograms.EventsFromTheStart)[..6]);

    [Fact]
    public void Who_listens_to_spans_late_sees_those_of_later_tasks() =>
        Assert.Equal("work", Run(ListeningPrograms.Spans)[0]);

    [Fact]
    public void A_trace_from_the_start_has_the_events_and_the_metrics()
    {
        var file = Path.Combine(Path.GetTempPath(), $"asyncio-{Guid.NewGuid()}.nettrace");
        try
        {
            Run(ListeningPrograms.Nothing, new()
            {
                ["DOTNET_EnableEventPipe"] = "1",
                ["DOTNET_EventPipeOutputPath"] = file,
                ["DOTNET_EventPipeConfig"] = "AsyncioSharp:ffffffff:4,System.Diagnostics.Metrics:3:5:Metrics=AsyncioSharp",
            });
            var trace = File.ReadAllBytes(file);
            Assert.All(["LoopStart", "LoopStop", "TaskStart", "asyncio.task.created"],
                text => Assert.True(trace.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0, $"{text} is not in the trace"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string[] Run(string name, Dictionary<string, string>? environment = null)
    {
        // As programs are: optimized at once, as the tests are, they load what a method could need later.
        environment = new(environment ?? []) { ["DOTNET_TC_QuickJit"] = "1" };
        using var program = new ChildProgram(name, environment);
        var (code, output, error) = program.WaitForEnd();
        Assert.Equal((0, ""), (code, error));
        return output.Split('\n');
    }
}
