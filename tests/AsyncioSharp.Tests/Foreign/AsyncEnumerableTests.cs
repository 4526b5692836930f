using System.Runtime.CompilerServices;

namespace AsyncioSharp.Tests.Foreign;

/// <summary>Coroutines that iterate over what .NET's asynchronous code produces.</summary>
public sealed class AsyncEnumerableTests
{
    [Fact]
    public void Items_and_failures_come_as_they_are()
    {
        LoopTest.Run(async () =>
        {
            var got = new List<int>();
            try
            {
                await foreach (var number in NumbersAsync())
                    got.Add(number);
                Assert.Fail("it fails");
            }
            catch (FormatException)
            {
            }
            Assert.Equal([1, 2], got);
        });

        static async IAsyncEnumerable<int> NumbersAsync()
        {
            yield return 1;
            await Task.Yield();
            yield return 2;
            throw new FormatException();
        }
    }

    [Fact]
    public void With_the_tasks_token_cancelling_the_task_ends_it_and_waits_for_its_clean_up()
    {
        LoopTest.Run(async () =>
        {
            var log = new List<string>();
            var task = Asyncio.CreateTask(IterateAsync());
            await Asyncio.Sleep(1);
            task.Cancel();
            await Asyncio.Wait([task]);

            Assert.True(task.IsCanceled);
            Assert.Equal(["1", "cleaned up"], log);

            async Coroutine IterateAsync()
            {
                await foreach (var number in NumbersAsync(log).WithCancellation(Asyncio.CancellationToken))
                    log.Add($"{number}");
            }
        });

        static async IAsyncEnumerable<int> NumbersAsync(List<string> log, [EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                yield return 1;
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                await Task.Yield();
                log.Add("cleaned up");
            }
        }
    }

    [Fact]
    public void The_generator_sees_the_tasks_values()
    {
        LoopTest.Run(async () =>
        {
            var local = new AsyncLocal<string> { Value = "first" };
            await foreach (var seen in SeenAsync())
            {
                Assert.Equal(local.Value, seen);
                if (seen == "second")
                    break;
                local.Value = "second";
            }

            async IAsyncEnumerable<string?> SeenAsync()
            {
                for (; ; )
                {
                    yield return local.Value;
                    await Asyncio.Yield();
                }
            }
        });
    }

    [Fact]
    public void What_coroutines_produce_can_be_given_out_as_one()
    {
        LoopTest.Run(async () =>
        {
            var queue = new SharedQueue<int>(1);
            var producer = Asyncio.CreateTask(ProduceAsync());
            var got = new List<int>();
            await foreach (var number in queue.AsChannelReader().ReadAllAsync())
                got.Add(number);
            await producer;
            Assert.Equal([0, 1, 2], got);

            async Coroutine ProduceAsync()
            {
                for (var i = 0; i < 3; i++)
                    await queue.PutAsync(i);
                queue.Shutdown();
            }
        });
    }
}
