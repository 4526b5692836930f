namespace AsyncioSharp.Tests.Running;

/// <summary>Async generators are finished where they are left, so that a loop needs no account of them.</summary>
public sealed class AsyncGeneratorTests
{
    [Fact]
    public void A_generator_left_early_is_finished_before_the_next_statement()
    {
        var log = new List<string>();
        LoopTest.Run(async () =>
        {
            await foreach (var number in Numbers(log))
            {
                log.Add($"{number}");
                if (number == 2)
                    break;
            }
            log.Add("after");
        });

        Assert.Equal(["1", "2", "finishing", "finished", "after"], log);
    }

    [Fact]
    public void A_generator_in_a_task_that_is_left_behind_is_finished_before_the_loop_closes()
    {
        var log = new List<string>();
        LoopTest.Run(async () =>
        {
            _ = Asyncio.CreateTask(Iterate());
            await Asyncio.Sleep(1.5);
            log.Add("main ends");
        });

        Assert.Equal(["1", "2", "main ends", "finishing", "finished"], log);

        async Coroutine Iterate()
        {
            await foreach (var number in Numbers(log))
            {
                log.Add($"{number}");
                await Asyncio.Sleep(1);
            }
        }
    }

    [Fact]
    public void An_enumerator_stepped_by_hand_is_finished_by_await_using()
    {
        var log = new List<string>();
        LoopTest.Run(async () =>
        {
            await using (var numbers = Numbers(log).GetAsyncEnumerator())
            {
                Assert.True(await numbers.MoveNextAsync());
                log.Add($"{numbers.Current}");
            }
            log.Add("after");
        });

        Assert.Equal(["1", "finishing", "finished", "after"], log);
    }

    private static async IAsyncEnumerable<int> Numbers(List<string> log)
    {
        try
        {
            for (var i = 1; ; i++)
            {
                await Asyncio.Yield();
                yield return i;
            }
        }
        finally
        {
            log.Add("finishing");
            await Asyncio.Sleep(1);
            log.Add("finished");
        }
    }
}
