using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class CapacityLimiterTests
{
    [Fact]
    public void Lets_as_many_through_as_it_has_tokens() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(2);
        var (inside, most) = (0, 0);

        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 10; i++)
                group.StartSoon(Visit());
        });

        Assert.Equal((0, 2), (inside, most));
        Assert.Equal((0, 2, 0), (limiter.BorrowedTokens, limiter.AvailableTokens, limiter.WaitingCount));

        async Coroutine Visit()
        {
            using (await limiter.AcquireAsync())
            {
                most = Math.Max(most, ++inside);
                await Asyncio.Sleep(1);
                inside--;
            }
        }
    });

    [Fact]
    public void Asynchronous_code_of_dotnet_borrows_for_the_task_whose_code_it_is() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        await Foreign();
        Assert.Equal(0, limiter.BorrowedTokens);
        await HelpAsync();

        async Task Foreign()
        {
            await limiter.AcquireAsync();
            limiter.Release();
            await HelpAsync();
        }

        async Coroutine HelpAsync()
        {
            await limiter.AcquireAsync();
            await Asyncio.Sleep(1);
            limiter.Release();
        }
    });

    [Fact]
    public void Tokens_are_handed_out_in_order_and_nobody_overtakes() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        var log = new List<int>();
        await limiter.AcquireAsync();
        var tasks = Enumerable.Range(1, 3).Select(who => Asyncio.CreateTask(Visit(who))).ToArray();
        await Asyncio.Yield();

        limiter.Release();
        Assert.Equal((1, 0, 2), (limiter.BorrowedTokens, limiter.AvailableTokens, limiter.WaitingCount));
        Assert.False(limiter.TryAcquire());
        await Asyncio.Gather(tasks);

        Assert.Equal([1, 2, 3], log);

        async Coroutine Visit(int who)
        {
            using (await limiter.AcquireAsync())
                log.Add(who);
        }
    });

    [Fact]
    public void A_free_token_is_borrowed_without_suspending() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        var turned = false;
        EventLoop.Running.CallSoon(() => turned = true);

        using (await limiter.AcquireAsync())
            Assert.Equal(1, limiter.BorrowedTokens);
        Assert.True(limiter.TryAcquire());
        limiter.Release();

        Assert.False(turned);
    });

    [Fact]
    public void More_tokens_let_those_in_who_wait() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(0);
        var tasks = Enumerable.Range(0, 3).Select(_ => Asyncio.CreateTask(limiter.AcquireAsync())).ToArray();
        await Asyncio.Yield();
        Assert.Equal(3, limiter.WaitingCount);

        limiter.TotalTokens = 2;
        await Asyncio.Yield();

        Assert.Equal([true, true, false], tasks.Select(task => task.IsCompleted));
        limiter.TotalTokens = int.MaxValue;
        await tasks[2];
        Assert.Equal(int.MaxValue - 3, limiter.AvailableTokens);
    });

    [Fact]
    public void With_fewer_tokens_nobody_gets_one_until_enough_came_back() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(3);
        var held = new[] { await Borrow("a"), await Borrow("b"), await Borrow("c") };
        limiter.TotalTokens = 1;
        Assert.Equal(-2, limiter.AvailableTokens);
        var waiting = Asyncio.CreateTask(limiter.AcquireAsync());
        await Asyncio.Yield();

        held[0].Dispose();
        held[1].Dispose();
        await Asyncio.Yield();
        Assert.False(waiting.IsCompleted);

        held[2].Dispose();
        await waiting;

        Coroutine<CapacityLimiter.Releaser> Borrow(string name) => limiter.AcquireOnBehalfOfAsync(name);
    });

    [Fact]
    public void A_task_that_asks_twice_is_told_so() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(2);
        using (await limiter.AcquireAsync())
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(async () => await limiter.AcquireAsync());
            Assert.Contains("holds one of the limiter's tokens already", misuse.Message);
            Assert.Contains(Asyncio.CurrentTask!.Name, misuse.Message);
            Assert.Throws<InvalidOperationException>(() => limiter.TryAcquire());
            Assert.Equal(1, limiter.BorrowedTokens);
        }
        Assert.Equal(0, limiter.BorrowedTokens);
    });

    [Fact]
    public void A_borrower_that_waits_cannot_ask_again_and_has_nothing_to_give_back() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        var borrower = new object();
        await limiter.AcquireAsync();
        var waiting = Asyncio.CreateTask(limiter.AcquireOnBehalfOfAsync(borrower));
        await Asyncio.Yield();

        await Expect.ThrowsAsync<InvalidOperationException>(limiter.AcquireOnBehalfOfAsync(borrower));
        Assert.Throws<InvalidOperationException>(() => limiter.ReleaseOnBehalfOf(borrower));
        Assert.Equal(1, limiter.BorrowedTokens);

        limiter.Release();
        (await waiting).Dispose();
        Assert.Equal(0, limiter.BorrowedTokens);
    });

    [Fact]
    public void Only_who_borrowed_a_token_can_give_it_back() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        using (await limiter.AcquireAsync())
        {
            var other = Asyncio.CreateTask(ReleaseAsync());
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(other);
            Assert.Contains("holds none", misuse.Message);
        }
        Assert.Throws<InvalidOperationException>(limiter.Release);

        async Coroutine ReleaseAsync() => limiter.Release();
    });

    [Fact]
    public void Two_objects_that_are_equal_are_two_borrowers() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(2);
        var (one, other) = (new string('x', 1), new string('x', 1));
        using (await limiter.AcquireOnBehalfOfAsync(one))
        using (await limiter.AcquireOnBehalfOfAsync(other))
            Assert.Equal(2, limiter.BorrowedTokens);
    });

    [Fact]
    public void Tokens_can_be_borrowed_outside_of_tasks_for_an_object_only()
    {
        var limiter = new CapacityLimiter(1);
        Assert.Throws<InvalidOperationException>(() => limiter.TryAcquire());
        var borrower = new object();
        Assert.True(limiter.TryAcquireOnBehalfOf(borrower));
        Assert.False(limiter.TryAcquireOnBehalfOf("another"));
        limiter.ReleaseOnBehalfOf(borrower);
        Assert.True(limiter.TryAcquireOnBehalfOf("another"));
    }

    [Fact]
    public void Arguments_are_checked_at_the_call()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CapacityLimiter(-1));
        var limiter = new CapacityLimiter(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.TotalTokens = -1);
        Assert.Throws<ArgumentNullException>(() => { _ = limiter.AcquireOnBehalfOfAsync(null!); });
        Assert.Throws<ArgumentNullException>(() => limiter.ReleaseOnBehalfOf(null!));
        Assert.Equal(1, limiter.TotalTokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_token_of_a_cancelled_task_goes_to_the_next(bool afterItWasWoken) => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        await limiter.AcquireAsync();
        var first = Asyncio.CreateTask(limiter.AcquireAsync());
        var second = Asyncio.CreateTask(limiter.AcquireAsync());
        await Asyncio.Yield();

        if (afterItWasWoken)
            limiter.Release();
        first.Cancel();
        if (!afterItWasWoken)
            limiter.Release();
        await Expect.Turns(2);

        Assert.True(first.IsCanceled);
        (await second).Dispose();
        Assert.Equal("CapacityLimiter [borrowed:0/1]", limiter.ToString());
        Assert.True(limiter.TryAcquireOnBehalfOf(first));
    });

    [Fact]
    public void Can_be_used_from_an_async_Task_method() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        await Foreign();
        Assert.Equal(0, limiter.BorrowedTokens);

        async Task Foreign()
        {
            using (await limiter.AcquireAsync())
                Assert.Equal(1, limiter.BorrowedTokens);
        }
    });

    [Fact]
    public void A_coroutine_below_an_async_Task_method_borrows_for_the_same_task() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(2);
        var misuse = await Expect.ThrowsAsync<InvalidOperationException>(async () => await Foreign());
        Assert.Contains("holds one of the limiter's tokens already", misuse.Message);
        Assert.Equal(0, limiter.BorrowedTokens);

        async Task Foreign()
        {
            using (await limiter.AcquireAsync())
                await BelowAsync();
        }

        async Coroutine BelowAsync()
        {
            await Asyncio.Yield();
            using (await limiter.AcquireAsync())
                Assert.Fail("With one token less it would have waited for itself.");
        }
    });

    [Fact]
    public void What_an_async_Task_method_has_borrowed_a_coroutine_below_it_can_give_back() => LoopTest.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        await Foreign();
        Assert.Equal(0, limiter.BorrowedTokens);

        async Task Foreign()
        {
            await limiter.AcquireAsync();
            await GiveBackAsync();
        }

        async Coroutine GiveBackAsync()
        {
            await Asyncio.Yield();
            limiter.Release();
        }
    });

    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var limiter = new CapacityLimiter(0);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(limiter.AcquireAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(limiter.AcquireAsync());
            Assert.Contains("another event loop", misuse.Message);
        });
    }
}
