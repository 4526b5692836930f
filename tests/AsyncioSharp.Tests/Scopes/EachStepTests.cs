namespace AsyncioSharp.Tests;

/// <summary>Each of the <see cref="StructuredPrograms"/>, with a cancellation from outside at each of its steps in turn.</summary>
public sealed class EachStepTests
{
    private const int MaxSteps = 100;

    public static IEnumerable<TheoryDataRow<string>> Names() => StructuredPrograms.All.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cancellation_at_any_step_ends_the_program_and_leaves_nothing_behind(string name)
    {
        var step = 0;
        while (step < MaxSteps && Try(name, step, twice: false))
            step++;
        Assert.InRange(step, 2, MaxSteps - 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_second_one_right_after_it_changes_nothing(string name)
    {
        for (var step = 0; step < MaxSteps && Try(name, step, twice: true); step++)
        {
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_one_nothing_is_cancelled(string name) => Assert.False(Try(name, MaxSteps * 10, twice: false));

    // Whether the cancellation came before the program's end.
    private static bool Try(string name, int step, bool twice) => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Main());
        // Mostly turn by turn; but time has to go on as well.
        for (var i = 0; i < step && !task.IsCompleted; i++)
            await (i % 8 == 7 ? Asyncio.Sleep(0.5) : Asyncio.Yield());
        var requests = task.Cancel() ? 1 : 0;
        if (twice && requests == 1)
        {
            task.Cancel();
            requests++;
        }
        await Asyncio.Wait([task]);

        Assert.True(task.IsCanceled == requests > 0, $"step {step}: {task}, {requests} requests");
        Assert.True(task.CancelRequests == requests, $"step {step}: {task.CancelRequests} requests are counted, not {requests}");
        Assert.True(Asyncio.AllTasks().Count == 1, $"step {step}: tasks are left");
        return requests > 0;

        async Coroutine Main()
        {
            try
            {
                await StructuredPrograms.All[name]();
            }
            finally
            {
                // The first wait may end with a request that was to be delivered; after that nothing may be in the way: no scope
                // that was cancelled, no shield.
                CanceledException? cancellation = null;
                try
                {
                    await Asyncio.Yield();
                }
                catch (CanceledException e)
                {
                    cancellation = e;
                }
                await Asyncio.Yield();
                if (cancellation is not null)
                    throw cancellation;
            }
        }
    });
}
