namespace AsyncioSharp.Tests;

/// <summary>
/// A cancellation from outside meets failing tasks, expiring timeouts and groups that cancel themselves, at each turn of
/// the loop in turn. It must never be lost and never be invented, and the count of requests must come out right.
/// </summary>
public sealed class CancellationRaceTests
{
    private const int ProgramsPerCase = 200;
    private const int MaxTurns = 400;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_request_from_outside_ends_the_task_wherever_it_arrives(int part)
    {
        for (var seed = part * ProgramsPerCase; seed < (part + 1) * ProgramsPerCase; seed++)
        {
            var turn = 0;
            while (turn < MaxTurns && Try(seed, turn))
                turn++;
            Assert.InRange(turn, 1, MaxTurns - 1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_a_request_from_outside_nothing_is_cancelled(int part)
    {
        for (var seed = part * ProgramsPerCase; seed < (part + 1) * ProgramsPerCase; seed++)
            Assert.False(Try(seed, MaxTurns * 10));
    }

    // Whether the cancellation came before the program's end.
    private static bool Try(int seed, int turn) => LoopTest.Run(async () =>
    {
        var program = new RandomScopes(seed);
        var task = Asyncio.CreateTask(program.RunAsync());
        for (var i = 0; i < turn && !task.IsCompleted; i++)
            await Asyncio.Yield();

        var canceled = task.Cancel();
        await Asyncio.Wait([task]);

        var where = $"seed {seed}, turn {turn}";
        Assert.True(program.Complaints.Count == 0, $"{where}: {string.Join("; ", program.Complaints)}");
        Assert.True(canceled == task.IsCanceled, $"{where}: {task} though cancelled: {canceled}");
        Assert.True(task.CancelRequests == (canceled ? 1 : 0), $"{where}: {task.CancelRequests} requests to cancel are left");
        Assert.True(Asyncio.AllTasks().Count == 1, $"{where}: tasks are left");
        return canceled;
    });
}
