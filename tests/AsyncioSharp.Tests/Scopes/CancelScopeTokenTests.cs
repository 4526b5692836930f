namespace AsyncioSharp.Tests.Scopes;

/// <summary>Scopes that a .NET token cancels.</summary>
public sealed class CancelScopeTokenTests
{
    [Fact]
    public void A_token_that_another_thread_cancels_cuts_the_body_off()
    {
        LoopTest.Run(async () =>
        {
            using var source = new CancellationTokenSource();
            var cleanedUp = false;
            var wasCutOff = await Asyncio.CancelScope(source.Token, async _ =>
            {
                try
                {
                    new Thread(source.Cancel).Start();
                    await Asyncio.CurrentTask!.Loop.CreateFuture<int>();
                }
                finally
                {
                    cleanedUp = true;
                }
            });

            Assert.True(wasCutOff && cleanedUp);
            await Asyncio.Sleep(1); // the task itself was not cancelled
        });
    }

    [Fact]
    public void A_token_that_was_cancelled_before_cancels_the_first_wait()
    {
        LoopTest.Run(async () =>
        {
            var log = new List<string>();
            Assert.True(await Asyncio.CancelScope(new CancellationToken(true), async _ =>
            {
                log.Add("begun");
                await Asyncio.Yield();
                log.Add("not here");
            }));
            Assert.Equal(["begun"], log);
        });
    }

    [Fact]
    public void A_body_that_ends_first_gives_its_result_and_the_token_is_let_go()
    {
        LoopTest.Run(async () =>
        {
            using var source = new CancellationTokenSource();
            var outcome = await Asyncio.CancelScope(source.Token, async _ =>
            {
                await Asyncio.Sleep(1);
                return 5;
            });
            Assert.Equal(5, outcome.Value);
            source.Cancel();
            await Asyncio.Sleep(1);
        });
    }

    [Fact]
    public void The_tokens_cancellation_reaches_calls_into_NET_and_tasks_of_groups()
    {
        LoopTest.Run(async () =>
        {
            using var source = new CancellationTokenSource();
            var log = new List<string>();
            Assert.True(await Asyncio.CancelScope(source.Token, async _ => await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(WaitAsync());
                await Asyncio.Yield();
                source.Cancel();
                await Task.Delay(Timeout.Infinite, Asyncio.CancellationToken);
            })));
            Assert.Equal(["cancelled"], log);

            async Coroutine WaitAsync()
            {
                try
                {
                    await Asyncio.Sleep(TimeSpan.MaxValue);
                }
                finally
                {
                    log.Add("cancelled");
                }
            }
        });
    }

    [Fact]
    public void Other_cancellations_and_failures_pass()
    {
        LoopTest.Run(async () =>
        {
            var task = Asyncio.CreateTask(ScopeAsync());
            await Asyncio.Yield();
            task.Cancel();
            await Asyncio.Wait([task]);
            Assert.True(task.IsCanceled);

            var failing = Asyncio.CreateTask(Asyncio.CancelScope(CancellationToken.None, _ => throw new FormatException()));
            await Assert.ThrowsAsync<FormatException>(() => failing.AsTask());

            static async Coroutine ScopeAsync()
            {
                using var source = new CancellationTokenSource();
                await Asyncio.CancelScope(source.Token, async _ => await Asyncio.Sleep(TimeSpan.MaxValue));
            }
        });
    }
}
