namespace AsyncioSharp.Tests;

/// <summary>
/// A program of nested groups and timeouts that a seed determines: tasks that yield, clean up, fail, cancel their group.
/// It waits for nothing but turns of the loop, so that a cancellation from outside can be tried at each of them.
/// </summary>
internal sealed class RandomScopes(int seed)
{
    private const int MaxDepth = 3;

    private sealed class ScriptedFailure : Exception;

    /// <summary>What went otherwise than it must; empty if nothing did.</summary>
    public List<string> Complaints { get; } = [];

    public async Coroutine RunAsync()
    {
        await Group(new Random(seed), 0);
        // A request that is still to be delivered must find a wait.
        await Asyncio.Yield();
    }

    private async Coroutine Block(Random random, int depth, TaskGroup group)
    {
        for (var steps = random.Next(1, 4); steps > 0; steps--)
        {
            switch (random.Next(depth < MaxDepth ? 12 : 5))
            {
                case 0 or 1:
                    await Expect.Turns(random.Next(1, 4));
                    break;
                case 2 when random.Next(3) == 0:
                    throw new ScriptedFailure();
                case 3 when random.Next(3) == 0:
                    group.Cancel();
                    break;
                case 4 or 5:
                    await CleaningUp(random, depth, group);
                    break;
                case 6:
                    await Timeout(random, depth, group);
                    break;
                case 7 or 8:
                    await Group(random, depth + 1);
                    break;
                case 9 or 10:
                    await Scope(random, depth, group);
                    break;
                case 11:
                    await Asyncio.Shielded(() => Block(random, depth + 1, group));
                    break;
            }
        }
    }

    private async Coroutine Group(Random random, int depth)
    {
        var tasks = new List<AsyncioTask>();
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                for (var count = random.Next(4); count > 0; count--)
                {
                    // Its own generator: the order in which tasks run must not change what they do.
                    var child = Block(new Random(random.Next()), depth + 1, group);
                    try
                    {
                        tasks.Add(group.CreateTask(child, eagerStart: random.Next(4) == 0));
                    }
                    catch (InvalidOperationException)
                    {
                        return; // an eager task has cancelled the group
                    }
                }
                await Block(random, depth + 1, group);
            });
        }
        catch (AggregateException e)
        {
            foreach (var inner in e.InnerExceptions)
            {
                if (inner is not ScriptedFailure)
                    Complaints.Add($"a group failed with {inner}");
            }
        }
        finally
        {
            if (tasks.Exists(task => !task.IsCompleted))
                Complaints.Add("a task outlived its group");
        }
    }

    private async Coroutine CleaningUp(Random random, int depth, TaskGroup group)
    {
        try
        {
            await Block(random, depth + 1, group);
        }
        finally
        {
            await Asyncio.Yield();
        }
    }

    private async Coroutine Scope(Random random, int depth, TaskGroup group)
    {
        TimeSpan? delay = random.Next(3) switch
        {
            0 => null,
            1 => TimeSpan.Zero,
            _ => TimeSpan.FromHours(1),
        };
        await Asyncio.MoveOnAfter(delay, async scope =>
        {
            await Block(random, depth + 1, group);
            if (random.Next(2) == 0)
                scope.Cancel();
            await Block(random, depth + 1, group);
        }, shield: random.Next(4) == 0);
    }

    private async Coroutine Timeout(Random random, int depth, TaskGroup group)
    {
        TimeSpan? delay = random.Next(3) switch
        {
            0 => null,
            1 => TimeSpan.Zero,
            _ => TimeSpan.FromHours(1),
        };
        try
        {
            await Asyncio.Timeout(delay, async scope =>
            {
                await Block(random, depth + 1, group);
                if (random.Next(2) == 0 && !scope.IsExpired)
                    scope.Reschedule(TimeSpan.Zero);
                await Block(random, depth + 1, group);
            });
        }
        catch (TimeoutException)
        {
        }
    }
}
