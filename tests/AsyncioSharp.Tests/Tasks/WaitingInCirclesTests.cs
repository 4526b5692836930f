namespace AsyncioSharp.Tests.Tasks;

/// <summary>Tasks that wait for each other in a circle, which nothing but a cancellation can end.</summary>
public sealed class WaitingInCirclesTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(8, false)]
    [InlineData(3, true)]
    public void Cancelling_ends_all_of_them(int count, bool fromOutside) => LoopTest.Run(async () =>
    {
        var tasks = new AsyncioTask[count];
        for (var i = 0; i < count; i++)
            tasks[i] = Asyncio.CreateTask(WaitFor((i + 1) % count));
        var outside = Asyncio.CreateTask(WaitFor(0));
        await Expect.Turns(3);

        (fromOutside ? outside : tasks[0]).Cancel();
        await Asyncio.Wait([.. tasks, outside]);

        Assert.All(tasks, task => Assert.True(task.IsCanceled));

        async Coroutine WaitFor(int other) => await tasks[other];
    });
}
