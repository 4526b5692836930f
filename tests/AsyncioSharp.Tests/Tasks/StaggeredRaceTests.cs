using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

public class StaggeredRaceTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_empty")]
    public void A_race_without_attempts_has_no_winner()
    {
        var result = Race<int>(null);
        Assert.False(result.HasWinner);
        Assert.Null(result.WinnerIndex);
        Assert.Empty(result.Exceptions);
    }

    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_one_successful")]
    public void What_comes_after_a_success_is_not_started()
    {
        var (result, index, exceptions) = Race(null, async () => "first", NotStarted<string>);
        Assert.Equal("first", result);
        Assert.Equal(0, index);
        Assert.Equal([null], exceptions);
    }

    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_first_error_second_successful")]
    public void After_a_failure_the_next_starts_at_once()
    {
        var (result, index, exceptions) = Race(3600, Fail<string>, async () => "second");
        Assert.Equal("second", result);
        Assert.Equal(1, index);
        Assert.IsType<FormatException>(exceptions[0]);
        Assert.Null(exceptions[1]);
        Assert.Equal(0, Loop.Time.TotalSeconds);
    }

    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_first_timeout_second_successful")]
    public void After_the_delay_the_next_starts_beside_the_one_that_runs()
    {
        var (result, index, exceptions) = Race(0.1, () => After(10, "first"), async () => "second");
        Assert.Equal("second", result);
        Assert.Equal(1, index);
        Assert.IsType<CanceledException>(exceptions[0]);
        Assert.Null(exceptions[1]);
        Assert.Equal(0.1, Loop.Time.TotalSeconds);
    }

    [Fact]
    public void The_first_can_win_after_others_were_started()
    {
        var (result, index, exceptions) = Race(
            0.1, () => After(0.25, "first"), () => After(10, "second"), () => After(10, "third"), NotStarted<string>);
        Assert.Equal("first", result);
        Assert.Equal(0, index);
        Assert.Null(exceptions[0]);
        Assert.All(exceptions.Skip(1), exception => Assert.IsType<CanceledException>(exception));
        Assert.Equal(3, exceptions.Count);
        Assert.Equal(0.25, Loop.Time.TotalSeconds);
    }

    [Fact]
    public void Without_a_delay_the_next_starts_only_after_a_failure()
    {
        var (result, index, exceptions) = Race(null, () => After(3600, "first"), NotStarted<string>);
        Assert.Equal("first", result);
        Assert.Equal(0, index);
        Assert.Equal([null], exceptions);
    }

    [Fact]
    public void With_a_delay_of_zero_all_start_at_once()
    {
        var (result, index, exceptions) = Race(0.0, () => After(3, "first"), () => After(2, "second"), () => After(1, "third"));
        Assert.Equal("third", result);
        Assert.Equal(2, index);
        Assert.Equal(3, exceptions.Count);
        Assert.Equal(1, Loop.Time.TotalSeconds);
    }

    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_none_successful")]
    public void That_all_fail_is_a_result()
    {
        var result = Race(null, Fail<int>, () => throw new NotSupportedException());
        Assert.False(result.HasWinner);
        Assert.Equal(0, result.Result);
        Assert.IsType<FormatException>(result.Exceptions[0]);
        Assert.IsType<NotSupportedException>(result.Exceptions[1]); // thrown by the delegate, before there was a coroutine
    }

    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_multiple_winners")]
    public void Of_two_that_could_succeed_in_the_same_turn_one_wins()
    {
        var (result, index, exceptions) = Loop.RunUntilComplete(Main());
        Assert.Equal(0, result);
        Assert.Equal(0, index);
        Assert.Equal(3, exceptions.Count);
        Assert.Null(exceptions[0]);
        Assert.IsType<CanceledException>(exceptions[1]);
        Assert.IsType<CanceledException>(exceptions[2]);

        async Coroutine<StaggeredRaceResult<int>> Main()
        {
            var start = Loop.CreateFuture<bool>();
            return await StaggeredRace.RunAsync([() => Wait(start, 0), () => Wait(start, 1), () => Start(start)], TimeSpan.FromSeconds(0.1));
        }

        static async Coroutine<int> Wait(Future<bool> start, int index)
        {
            await start;
            return index;
        }

        async Coroutine<int> Start(Future<bool> start)
        {
            start.SetResult(true);
            await Loop.CreateFuture<bool>();
            return 2;
        }
    }

    [Fact]
    [CPythonTest("test_staggered.py", "StaggeredTests", "test_cancelled")]
    public void Every_request_to_cancel_the_race_reaches_its_attempts()
    {
        var log = new List<string>();
        Loop.RunUntilComplete(Expect.ThrowsAsync<TimeoutException>(Main));
        Assert.Equal(["cancelled 1", "cancelled 2", "cancelled 3"], log);

        async Coroutine Main() => await Asyncio.Timeout(null, outer => Asyncio.Timeout(null, inner => RaceInside(outer, inner)));

        async Coroutine RaceInside(TimeoutScope outer, TimeoutScope inner)
        {
            try
            {
                await StaggeredRace.RunAsync([() => Attempt(outer, inner)]);
            }
            catch (CanceledException)
            {
                log.Add("cancelled 3");
                throw;
            }
        }

        async Coroutine<int> Attempt(TimeoutScope outer, TimeoutScope inner)
        {
            await BeCanceledBy(inner, "cancelled 1");
            await BeCanceledBy(outer, "cancelled 2");
            return 1;
        }

        async Coroutine BeCanceledBy(TimeoutScope scope, string message)
        {
            scope.Reschedule(TimeSpan.FromSeconds(-1));
            await Asyncio.Yield();
            try
            {
                await Asyncio.Yield();
            }
            catch (CanceledException)
            {
                log.Add(message);
            }
        }
    }

    [Fact]
    public void Canceling_the_race_cancels_its_attempts_with_its_message()
    {
        var messages = new List<string?>();
        var canceled = Loop.RunUntilComplete(Main());
        Assert.Equal("too late", canceled.CancelMessage);
        Assert.Equal(["too late", "too late"], messages);
        Assert.Equal(1, Loop.Time.TotalSeconds); // nothing runs on

        async Coroutine<CanceledException> Main()
        {
            var race = Asyncio.CreateTask(StaggeredRace.RunAsync([Attempt, Attempt, NotStarted<int>], TimeSpan.FromSeconds(0.6)));
            Loop.CallLater(TimeSpan.FromSeconds(1), () => race.Cancel("too late"));
            return await Expect.ThrowsAsync<CanceledException>(race);
        }

        async Coroutine<int> Attempt()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException e)
            {
                messages.Add(e.CancelMessage);
                throw;
            }
            return 0;
        }
    }

    [Fact]
    public void A_race_that_was_canceled_discards_what_its_attempt_returned_nevertheless()
    {
        var discarded = new List<string>();
        Loop.RunUntilComplete(Main());
        Assert.Equal(["late"], discarded);

        async Coroutine Main()
        {
            var race = Asyncio.CreateTask(StaggeredRace.RunAsync([Stubborn("late")], null, discarded.Add));
            await Asyncio.Sleep(1);
            race.Cancel();
            await Expect.ThrowsAsync<CanceledException>(race);
        }
    }

    [Fact]
    public void A_race_canceled_in_the_turn_in_which_it_is_won_discards_the_result()
    {
        var discarded = new List<int>();
        Loop.RunUntilComplete(Main());
        Assert.Equal([7], discarded);

        async Coroutine Main()
        {
            AsyncioTask? race = null;
            race = Asyncio.CreateTask(StaggeredRace.RunAsync([Attempt], null, discarded.Add));
            await Expect.ThrowsAsync<CanceledException>(race);

            async Coroutine<int> Attempt()
            {
                await Asyncio.Sleep(1);
                Loop.CallSoon(() => race!.Cancel());
                return 7;
            }
        }
    }

    [Fact]
    public void A_loser_that_succeeds_is_discarded()
    {
        var discarded = new List<string>();
        var (result, index, exceptions) = Loop.RunUntilComplete(
            StaggeredRace.RunAsync([Stubborn("slow"), () => After(1, "fast")], TimeSpan.FromSeconds(1), discarded.Add));
        Assert.Equal("fast", result);
        Assert.Equal(1, index);
        Assert.Equal(["slow"], discarded);
        Assert.IsType<CanceledException>(exceptions[0]);
    }

    [Fact]
    public void A_failure_to_discard_is_reported_and_does_not_change_the_result()
    {
        var result = Loop.RunUntilComplete(
            StaggeredRace.RunAsync([Stubborn("slow"), () => After(1, "fast")], TimeSpan.FromSeconds(1), _ => throw new FormatException()));
        Assert.Equal("fast", result.Result);
        Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);
    }

    [Fact]
    public void Attempts_are_taken_from_the_sequence_when_they_are_started()
    {
        var log = new List<string>();
        var result = Loop.RunUntilComplete(StaggeredRace.RunAsync(Attempts(), TimeSpan.FromSeconds(1), null));
        Assert.Equal(1, result.WinnerIndex);
        Assert.Equal(["0 at 0", "1 at 1", "disposed at 2"], log);

        IEnumerable<Func<Coroutine<int>>> Attempts()
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    log.Add($"{i} at {Loop.Time.TotalSeconds}");
                    var index = i;
                    yield return () => After(index == 0 ? 10 : 1 - 1e-3, index);
                }
            }
            finally
            {
                log.Add($"disposed at {Math.Round(Loop.Time.TotalSeconds)}");
            }
        }
    }

    [Fact]
    public void A_sequence_that_fails_fails_the_race_when_its_attempts_have_ended()
    {
        var discarded = new List<string>();
        Loop.RunUntilComplete(Expect.ThrowsAsync<FormatException>(StaggeredRace.RunAsync(Attempts(), TimeSpan.FromSeconds(1), discarded.Add)));
        Assert.Equal(["first"], discarded);
        Assert.Equal(5, Loop.Time.TotalSeconds);

        static IEnumerable<Func<Coroutine<string>>> Attempts()
        {
            yield return () => After(5, "first");
            throw new FormatException();
        }
    }

    [Fact]
    public void An_attempt_is_awaited_by_the_task_that_races()
    {
        CallGraph? graph = null;
        var task = Loop.CreateTask(StaggeredRace.RunAsync([Attempt]), name: "racer");
        Loop.RunUntilComplete(task);

        Assert.Same(task, Assert.Single(graph!.AwaitedBy).Future);

        async Coroutine<int> Attempt()
        {
            await Asyncio.Yield();
            graph = Asyncio.CaptureCallGraph();
            return 1;
        }
    }

    [Fact]
    public void Without_attempts_to_take_from_it_says_so_at_the_call() =>
        Assert.Throws<ArgumentNullException>(() => StaggeredRace.RunAsync<int>(null!));

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_staggered_race_with_eager_tasks")]
    public void Eager_tasks_race_as_others_do()
    {
        Loop.TaskFactory = AsyncioTaskFactory.Eager;
        var (result, index, exceptions) = Race(0.25, Blocked<string>, () => After(1, "second"), FailAfterTurn<string>);
        Assert.Equal("second", result);
        Assert.Equal(1, index);
        Assert.IsType<CanceledException>(exceptions[0]);
        Assert.Null(exceptions[1]);
        Assert.IsType<FormatException>(exceptions[2]);
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_staggered_race_with_eager_tasks_no_delay")]
    public void Eager_tasks_race_without_a_delay_as_others_do()
    {
        Loop.TaskFactory = AsyncioTaskFactory.Eager;
        var (result, index, exceptions) = Race(null, Fail<string>, () => After(1, "second"), () => After(0, "third"));
        Assert.Equal("second", result);
        Assert.Equal(1, index);
        Assert.Equal(2, exceptions.Count);
        Assert.IsType<FormatException>(exceptions[0]);
        Assert.Null(exceptions[1]);
    }

    private StaggeredRaceResult<T> Race<T>(double? delay, params Func<Coroutine<T>>[] attempts) =>
        Loop.RunUntilComplete(StaggeredRace.RunAsync(attempts, delay is { } seconds ? TimeSpan.FromSeconds(seconds) : null, null));

    private static Coroutine<T> After<T>(double seconds, T result) => Asyncio.Sleep(TimeSpan.FromSeconds(seconds), result);

    private static async Coroutine<T> Fail<T>() => throw new FormatException();

    private static async Coroutine<T> FailAfterTurn<T>()
    {
        await Asyncio.Yield();
        throw new FormatException();
    }

    private static Coroutine<T> NotStarted<T>() => throw new InvalidOperationException("This attempt was not to be started.");

    private async Coroutine<T> Blocked<T>()
    {
        await Loop.CreateFuture<bool>();
        throw new InvalidOperationException("Nobody was to wake it.");
    }

    // An attempt that does not let its cancellation pass.
    private static Func<Coroutine<T>> Stubborn<T>(T result)
    {
        return async () =>
        {
            try
            {
                await Asyncio.Sleep(3600);
            }
            catch (CanceledException)
            {
                await Asyncio.Yield();
            }
            return result;
        };
    }
}
