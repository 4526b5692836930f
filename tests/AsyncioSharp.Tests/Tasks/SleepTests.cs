namespace AsyncioSharp.Tests.Tasks;

public class SleepTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_sleep")]
    public void Sleeping_takes_its_time_and_gives_its_result()
    {
        Assert.Equal("yeah", Loop.RunUntilComplete(Sleeper()));
        Assert.Equal(TimeSpan.FromSeconds(0.1), Loop.Time);

        static async Coroutine<string> Sleeper()
        {
            await Asyncio.Sleep(0.05);
            return await Asyncio.Sleep(TimeSpan.FromSeconds(0.05), "yeah");
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_sleep_when_delay_is_nan")]
    public void A_duration_must_be_a_number()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.RunUntilComplete(Sleeper()));

        static async Coroutine Sleeper() => await Asyncio.Sleep(double.NaN);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_sleep_cancel")]
    public void Cancelling_a_sleeper_takes_its_timer_out_of_the_loop()
    {
        var task = Loop.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(10), "yeah"));
        RunOnce();

        task.Cancel();
        RunOnce();
        Assert.True(task.IsCanceled);

        // Were the timer still there, the clock would go by it.
        Loop.RunUntilComplete(Asyncio.Sleep(100));
        Assert.Equal(TimeSpan.FromSeconds(100), Loop.Time);
        Assert.Empty(Asyncio.AllTasks(Loop));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_cancel_sleeping_task")]
    public void A_sleeper_can_be_cancelled_by_a_timer()
    {
        Assert.Equal("cancelled", Loop.RunUntilComplete(Work()));
        Assert.Equal(TimeSpan.FromSeconds(0.1), Loop.Time);

        async Coroutine<string> Work()
        {
            var sleeper = Asyncio.CreateTask(Asyncio.Sleep(5000));
            Loop.CallLater(TimeSpan.FromSeconds(0.1), () => sleeper.Cancel());
            try
            {
                await sleeper;
                return "slept in";
            }
            catch (CanceledException)
            {
                return "cancelled";
            }
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "SleepTests", "test_sleep_zero")]
    public void Sleeping_for_no_time_lets_the_loop_turn_once()
    {
        var result = 0;

        Loop.RunUntilComplete(Work());

        Assert.Equal(11, result);

        async Coroutine Work()
        {
            Loop.CallSoon(() => result++);
            Assert.Equal(0, result);
            var number = await Asyncio.Sleep(TimeSpan.Zero, 10);
            Assert.Equal(1, result);
            result += number;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NegativeInfinity)]
    public void No_time_and_less_take_exactly_one_turn(double seconds)
    {
        var turns = 0;

        Loop.RunUntilComplete(Work());

        async Coroutine Work()
        {
            Loop.CallSoon(Count);
            await Asyncio.Sleep(seconds);
            Assert.Equal(1, turns);
            Assert.Equal(TimeSpan.Zero, Loop.Time);
        }

        void Count()
        {
            turns++;
            Loop.CallSoon(Count);
        }
    }

    [Fact]
    public void Sleepers_wake_in_the_order_of_their_deadlines_and_then_of_their_coming()
    {
        var woken = new List<string>();
        foreach (var (name, seconds) in new[] { ("a", 3), ("b", 1), ("c", 2), ("d", 1), ("e", 3) })
            Loop.CreateTask(Sleeper(name, seconds));

        Loop.RunUntilComplete(Asyncio.Sleep(4));

        Assert.Equal(["b", "d", "c", "a", "e"], woken);

        async Coroutine Sleeper(string name, double seconds)
        {
            await Asyncio.Sleep(seconds);
            woken.Add(name);
        }
    }

    [Fact]
    public void A_sleeper_without_end_can_be_cancelled()
    {
        var task = Loop.CreateTask(Asyncio.Sleep(double.PositiveInfinity));
        RunOnce();

        task.Cancel();

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
    }
}
