using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Futures;

public class FutureStateTests : OnVirtualLoop
{
    private readonly Future<int> _future;

    public FutureStateTests() => _future = Loop.CreateFuture<int>();

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_initial_state")]
    public void A_new_future_is_pending_until_it_is_cancelled()
    {
        Assert.False(_future.IsCanceled);
        Assert.False(_future.IsCompleted);

        _future.Cancel();

        Assert.True(_future.IsCanceled);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_constructor_without_loop")]
    public void Without_a_running_loop_there_is_none_to_make_a_future_with()
    {
        var mistake = Assert.Throws<InvalidOperationException>(() => EventLoop.Running.CreateFuture<int>());

        Assert.Contains("No event loop runs on this thread", mistake.Message);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_constructor_use_running_loop")]
    public void A_future_knows_the_loop_that_made_it()
    {
        var future = Loop.RunUntilComplete(Make());

        Assert.Same(Loop, future.Loop);

        static async Coroutine<Future<int>> Make() => EventLoop.Running.CreateFuture<int>();
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_cancel")]
    public void A_cancelled_future_has_neither_result_nor_exception_and_stays_so()
    {
        Assert.True(_future.Cancel());

        Assert.True(_future.IsCanceled);
        Assert.True(_future.IsCompleted);
        Assert.Throws<CanceledException>(() => _future.Result);
        Assert.Throws<CanceledException>(() => _future.Exception);
        Assert.Throws<InvalidStateException>(() => _future.SetResult(1));
        Assert.Throws<InvalidStateException>(() => _future.SetException(new FormatException()));
        Assert.False(_future.Cancel());
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_result")]
    public void A_finished_future_has_its_result_and_stays_so()
    {
        Assert.Throws<InvalidStateException>(() => _future.Result);

        _future.SetResult(42);

        Assert.False(_future.IsCanceled);
        Assert.False(_future.IsFaulted);
        Assert.True(_future.IsCompleted);
        Assert.True(_future.IsCompletedSuccessfully);
        Assert.Equal(42, _future.Result);
        Assert.Null(_future.Exception);
        Assert.Throws<InvalidStateException>(() => _future.SetResult(1));
        Assert.Throws<InvalidStateException>(() => _future.SetException(new FormatException()));
        Assert.False(_future.Cancel());
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_exception")]
    public void A_failed_future_has_its_exception_and_stays_so()
    {
        var failure = new FormatException();
        Assert.Throws<InvalidStateException>(() => _future.Exception);

        _future.SetException(failure);

        Assert.False(_future.IsCanceled);
        Assert.True(_future.IsFaulted);
        Assert.True(_future.IsCompleted);
        Assert.False(_future.IsCompletedSuccessfully);
        Assert.Same(failure, Assert.Throws<FormatException>(() => _future.Result));
        Assert.Same(failure, _future.Exception);
        Assert.Throws<InvalidStateException>(() => _future.SetResult(1));
        Assert.Throws<InvalidStateException>(() => _future.SetException(failure));
        Assert.False(_future.Cancel());
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_future_cancel_message_getter")]
    public void The_message_of_a_cancellation_arrives_with_it()
    {
        _future.Cancel("my message");

        Assert.Equal("my message", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(_future)).CancelMessage);
        Assert.Equal("my message", Assert.Throws<CanceledException>(() => _future.Result).Message);
    }

    [Fact]
    public void A_cancellation_without_a_message_has_none()
    {
        _future.Cancel();

        Assert.Null(Assert.Throws<CanceledException>(() => _future.Result).CancelMessage);
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_set_result_unless_cancelled")]
    public void Setting_what_may_have_completed_changes_nothing_then()
    {
        _future.Cancel();

        Assert.False(_future.TrySetResult(2));
        Assert.False(_future.TrySetException(new FormatException()));
        Assert.True(_future.IsCanceled);
    }

    [Fact]
    public void The_try_forms_set_a_pending_future()
    {
        var failed = Loop.CreateFuture<int>();

        Assert.True(_future.TrySetResult(2));
        Assert.True(failed.TrySetException(new FormatException()));

        Assert.Equal(2, _future.Result);
        Assert.IsType<FormatException>(failed.Exception);
    }

    [Fact]
    public void Setting_a_future_twice_says_which_and_what_to_do()
    {
        _future.SetResult(1);

        var mistake = Assert.Throws<InvalidStateException>(() => _future.SetResult(2));

        Assert.Contains("completed already", mistake.Message);
        Assert.Contains("TrySetResult", mistake.Message);
        Assert.Equal(1, _future.Result);
    }

    [Fact]
    public void Its_text_tells_the_state()
    {
        var cancelled = Loop.CreateFuture<int>();
        var failed = Loop.CreateFuture<int>();
        Assert.Contains("pending", $"{_future}");

        cancelled.Cancel();
        failed.SetException(new FormatException());
        _future.SetResult(1);

        Assert.Contains("cancelled", $"{cancelled}");
        Assert.Contains("FormatException", $"{failed}");
        Assert.Contains("finished", $"{_future}");
        Assert.NotNull(failed.Exception);
    }
}
