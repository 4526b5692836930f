namespace AsyncioSharp.Tests.Futures;

public class DoneCallbackTests : OnVirtualLoop
{
    private readonly List<int> _calls = [];
    private readonly Future<string> _future;
    private readonly Action<Future> _first, _second, _third;

    public DoneCallbackTests()
    {
        _future = Loop.CreateFuture<string>();
        (_first, _second, _third) = (Calling(1), Calling(2), Calling(3));
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_callbacks_invoked_on_set_result")]
    public void Callbacks_run_in_the_order_of_their_adding_and_not_inside_the_setter()
    {
        _future.AddDoneCallback(_first);
        _future.AddDoneCallback(_second);

        _future.SetResult("foo");
        Assert.Empty(_calls);
        RunOnce();

        Assert.Equal([1, 2], _calls);
        Assert.Equal("foo", _future.Result);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_callbacks_invoked_on_set_exception")]
    public void Callbacks_run_after_a_failure()
    {
        var failure = new FormatException();
        _future.AddDoneCallback(_first);

        _future.SetException(failure);
        Assert.Empty(_calls);
        RunOnce();

        Assert.Equal([1], _calls);
        Assert.Same(failure, _future.Exception);
    }

    [Fact]
    public void Callbacks_run_after_a_cancellation_and_are_given_the_future()
    {
        Future? given = null;
        _future.AddDoneCallback(future => given = future);

        _future.Cancel();
        RunOnce();

        Assert.Same(_future, given);
    }

    [Fact]
    public void A_callback_added_to_a_completed_future_runs_in_the_next_turn()
    {
        _future.SetResult("foo");

        _future.AddDoneCallback(_first);
        Assert.Empty(_calls);
        RunOnce();

        Assert.Equal([1], _calls);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_callbacks_remove_first_callback")]
    public void Removing_the_first_leaves_the_others()
    {
        AddAll();

        Assert.Equal(1, _future.RemoveDoneCallback(_first));
        Assert.Equal(0, _future.RemoveDoneCallback(_first));
        Complete();

        Assert.Equal([2, 3], _calls);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_callbacks_remove_first_and_second_callback")]
    public void Removing_the_first_two_leaves_the_third()
    {
        AddAll();

        _future.RemoveDoneCallback(_first);
        _future.RemoveDoneCallback(_second);
        _future.RemoveDoneCallback(_first);
        Complete();

        Assert.Equal([3], _calls);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_callbacks_remove_third_callback")]
    public void Removing_the_last_leaves_the_others()
    {
        AddAll();

        _future.RemoveDoneCallback(_third);
        _future.RemoveDoneCallback(_third);
        Complete();

        Assert.Equal([1, 2], _calls);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_remove_done_callback")]
    public void Removing_takes_out_every_registration_and_counts_them()
    {
        _future.AddDoneCallback(_first);
        _future.AddDoneCallback(_second);
        Assert.Equal(1, _future.RemoveDoneCallback(_second));
        Assert.Equal(0, _future.RemoveDoneCallback(_third));

        _future.AddDoneCallback(_second);
        for (var i = 0; i < 5; i++)
            _future.AddDoneCallback(_first);
        Assert.Equal(6, _future.RemoveDoneCallback(_first));
        Complete();

        Assert.Equal([2], _calls);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureDoneCallbackTests", "test_schedule_callbacks_list_mutation_1")]
    public void A_callback_that_removes_a_later_one_comes_too_late()
    {
        // All were scheduled when the future completed.
        _future.AddDoneCallback(future => future.RemoveDoneCallback(_second));
        _future.AddDoneCallback(_second);
        _future.AddDoneCallback(_second);

        Complete();

        Assert.Equal([2, 2], _calls);
    }

    [Fact]
    public void A_callback_added_by_a_callback_runs_in_the_turn_after()
    {
        _future.AddDoneCallback(future => future.AddDoneCallback(_second));

        Complete();
        Assert.Empty(_calls);
        RunOnce();

        Assert.Equal([2], _calls);
    }

    [Fact]
    public void A_callback_that_throws_is_reported_and_stops_no_other()
    {
        _future.AddDoneCallback(_ => throw new FormatException("mine"));
        _future.AddDoneCallback(_second);

        Complete();

        Assert.Equal([2], _calls);
        Assert.Equal("mine", Assert.Single(Reports()).Exception!.Message);
    }

    [Fact]
    public void Callbacks_and_awaiting_tasks_are_served_in_the_order_in_which_they_came()
    {
        var trace = new List<string>();
        _future.AddDoneCallback(_ => trace.Add("callback 1"));
        var task = Loop.CreateTask(Await());
        RunOnce();
        _future.AddDoneCallback(_ => trace.Add("callback 2"));

        Complete();

        Assert.Equal(["callback 1", "task", "callback 2"], trace);
        Assert.True(task.IsCompleted);

        async Coroutine Await()
        {
            await _future;
            trace.Add("task");
        }
    }

    private Action<Future> Calling(int number) => _ => _calls.Add(number);

    private void AddAll()
    {
        _future.AddDoneCallback(_first);
        _future.AddDoneCallback(_second);
        _future.AddDoneCallback(_third);
    }

    private void Complete()
    {
        Assert.Empty(_calls);
        _future.SetResult("foo");
        RunOnce();
    }
}
