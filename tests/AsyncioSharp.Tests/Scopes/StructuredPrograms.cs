namespace AsyncioSharp.Tests;

/// <summary>
/// Small programs of groups, timeouts, scopes and shields. Each lets a cancellation from outside pass, and waits at least once
/// after it has dealt with failures of its own; what they do otherwise is up to them.
/// </summary>
internal static class StructuredPrograms
{
    private sealed class Expected : Exception;

    public static readonly IReadOnlyDictionary<string, Func<Coroutine>> All = new Dictionary<string, Func<Coroutine>>
    {
        ["a group"] = () => Group(async group => group.StartSoon(Work())),
        ["a group whose block waits"] = () => Group(async group =>
        {
            group.StartSoon(Work());
            await Work();
        }),
        ["a group in a group"] = () => Group(async outer =>
        {
            outer.StartSoon(Work());
            await Group(async inner => inner.StartSoon(Work()));
        }),
        ["a group in a group's task"] = () => Group(async outer => outer.StartSoon(Group(async inner => inner.StartSoon(CleanUp())))),
        ["a failing task"] = () => Caught(Group(async group =>
        {
            group.StartSoon(Fail());
            group.StartSoon(CleanUp());
            await Work();
        })),
        ["a failing block"] = () => Caught(Group(async group =>
        {
            group.StartSoon(CleanUp());
            await Fail();
        })),
        ["two that fail"] = () => Caught(Group(async group =>
        {
            group.StartSoon(Fail());
            group.StartSoon(FailWhenCanceled());
        })),
        ["a failure in the inner group"] = () => Caught(Group(async outer =>
        {
            outer.StartSoon(CleanUp());
            await Group(async inner => inner.StartSoon(Fail()));
        })),
        ["an inner failure that is caught"] = () => Group(async outer =>
        {
            outer.StartSoon(Work());
            await Caught(Group(async inner => inner.StartSoon(Fail())));
        }),
        ["a group that cancels itself"] = () => Group(async group =>
        {
            group.StartSoon(CleanUp());
            await Asyncio.Yield();
            group.Cancel();
            await Work();
        }),
        ["a group that a task cancels"] = () => Group(async group =>
        {
            group.StartSoon(Then(group.Cancel));
            group.StartSoon(CleanUp());
        }),
        ["tasks made while the group is left"] = () => Group(async group => group.StartSoon(Then(() => group.StartSoon(Work())))),
        ["a timeout"] = () => TimedOut(Asyncio.Timeout(1, async _ => await Asyncio.Sleep(2))),
        ["a timeout at once"] = () => TimedOut(Asyncio.Timeout(0, async _ => await CleanUp())),
        ["a timeout in a timeout"] = () => TimedOut(Asyncio.Timeout(2, async _ =>
        {
            await TimedOut(Asyncio.Timeout(1, async _ => await Asyncio.Sleep(5)));
            await Asyncio.Sleep(5);
        })),
        ["a timeout in a group in a timeout"] = () => TimedOut(Asyncio.Timeout(2, async _ => await Group(async group =>
        {
            group.StartSoon(TimedOut(Asyncio.Timeout(1, async _ => await Asyncio.Sleep(5))));
            group.StartSoon(Asyncio.Sleep(5));
        }))),
        ["wait for"] = () => TimedOut(Asyncio.WaitFor(Asyncio.CreateTask(CleanUp()), 0)),
        ["a scope"] = async () => await Asyncio.CancelScope(async scope =>
        {
            scope.Cancel();
            await CleanUp();
        }),
        ["a scope with a deadline"] = async () => await Asyncio.MoveOnAfter(1, async _ => await Asyncio.Sleep(2)),
        ["a scope in a scope"] = async () => await Asyncio.MoveOnAfter(2, async _ =>
        {
            await Asyncio.MoveOnAfter(1, async _ => await Asyncio.Sleep(5));
            await Asyncio.Sleep(5);
        }),
        ["a scope around a group"] = async () => await Asyncio.MoveOnAfter(1, async _ => await Group(async group =>
        {
            group.StartSoon(CleanUp());
            group.StartSoon(Asyncio.Sleep(5));
            await Asyncio.Sleep(5);
        })),
        ["scopes in a group's tasks"] = () => Group(async group =>
        {
            group.StartSoon(Cut());
            group.StartSoon(Cut());

            static async Coroutine Cut() => await Asyncio.MoveOnAfter(0, async _ => await CleanUp());
        }),
        ["a scope that a task cancels"] = async () => await Asyncio.CancelScope(async scope => await Group(async group =>
        {
            group.StartSoon(Then(() => scope.Cancel()));
            group.StartSoon(Asyncio.Sleep(5));
        })),
        ["a shield"] = () => Asyncio.Shielded(Work),
        ["a shield in a shield"] = () => Asyncio.Shielded(() => Asyncio.Shielded(Work)),
        ["a shielded group"] = () => Asyncio.Shielded(() => Caught(Group(async group =>
        {
            group.StartSoon(Fail());
            await Work();
        }))),
        ["shielded clean-up in a scope"] = async () => await Asyncio.MoveOnAfter(0, async _ =>
        {
            try
            {
                await Asyncio.Sleep(5);
            }
            finally
            {
                await Asyncio.MoveOnAfter(1, async _ => await Asyncio.Sleep(5), shield: true);
            }
        }),
        ["a shield in a group in a scope"] = async () => await Asyncio.MoveOnAfter(0, async _ => await Group(async group =>
        {
            group.StartSoon(Asyncio.Shielded(Work));
            await Asyncio.Sleep(5);
        })),
        ["a timeout between shields"] = () => Asyncio.Shielded(() => TimedOut(Asyncio.Timeout(0, async _ =>
        {
            await Asyncio.Shielded(Work);
            await Asyncio.Sleep(5);
        }))),
        ["a task that starts"] = () => Group(async group =>
        {
            await group.StartAsync<int>(async started =>
            {
                await Work();
                started.Set(1);
                await Work();
            });
            group.Cancel();
            await Work();
        }),
        ["a task that fails to start"] = () => Group(async group =>
        {
            try
            {
                await group.StartAsync(_ => FailWhenCanceled());
            }
            catch (Expected)
            {
            }
            await Asyncio.Yield();
        }),
        ["a bounded group"] = () => TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 3; i++)
            {
                await group.WaitForSlotAsync();
                group.StartSoon(CleanUp());
                group.StartSoon(Work());
            }
        }, new TaskGroupOptions { MaxConcurrency = 2 }),
        ["a supervising group"] = () => Caught(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Fail());
            group.StartSoon(CleanUp());
            group.StartSoon(FailWhenCanceled());
        }, new TaskGroupOptions { Supervising = true })),
    };

    private static Coroutine Group(Func<TaskGroup, Coroutine> body) => TaskGroup.RunAsync(body);

    private static Coroutine Work() => Expect.Turns(3);

    private static async Coroutine CleanUp()
    {
        try
        {
            await Work();
        }
        finally
        {
            await Asyncio.Yield();
        }
    }

    private static async Coroutine Then(Action action)
    {
        await Asyncio.Yield();
        action();
        await Asyncio.Yield();
    }

    private static async Coroutine Fail()
    {
        await Asyncio.Yield();
        throw new Expected();
    }

    private static async Coroutine FailWhenCanceled()
    {
        try
        {
            await Work();
        }
        catch (CanceledException)
        {
            throw new Expected();
        }
    }

    private static async Coroutine Caught(Coroutine program)
    {
        try
        {
            await program;
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions.All(inner => inner is Expected))
        {
        }
        await Asyncio.Yield();
    }

    private static async Coroutine TimedOut(Coroutine program)
    {
        try
        {
            await program;
        }
        catch (TimeoutException)
        {
        }
        await Asyncio.Yield();
    }
}
