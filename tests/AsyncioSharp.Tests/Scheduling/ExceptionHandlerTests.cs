using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Scheduling;

public class ExceptionHandlerTests : OnVirtualLoop
{
    private readonly LogEntries _log = new();

    public ExceptionHandlerTests()
    {
        Loop.Logger = _log;
        Loop.ExceptionHandler = null;
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_default_exc_handler_callback")]
    public void By_default_the_failure_of_a_callback_is_logged()
    {
        Loop.CallSoon(FailingCallback);
        RunOnce();
        CheckLogged();

        Loop.CallLater(TimeSpan.FromSeconds(0.01), FailingCallback);
        Loop.RunUntilComplete(Asyncio.Sleep(1));
        CheckLogged();

        void CheckLogged()
        {
            var (level, text, exception) = Assert.Single(_log.Take());
            Assert.Equal(LogLevel.Error, level);
            Assert.Contains("callback", text);
            Assert.Equal("mine", exception!.Message);
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_default_exc_handler_coro")]
    public void By_default_a_failure_nobody_looked_at_is_logged()
    {
        var task = Loop.CreateTask(Fail(), name: "worker");
        Loop.RunUntilComplete(Asyncio.Sleep(1));
        Assert.Empty(_log.Take());

        Loop.Close();

        var (_, text, exception) = Assert.Single(_log.Take());
        Assert.Contains("'worker' was never retrieved", text);
        Assert.Equal("mine", exception!.Message);
        Assert.True(task.IsFaulted);

        static async Coroutine Fail()
        {
            await Asyncio.Sleep(0.01);
            FailingCallback();
        }
    }

    [Fact]
    public void A_handler_may_stop_the_loop_also_when_that_is_about_to_wait()
    {
        Loop.ExceptionHandler = static (loop, _) => loop.Stop();
        Loop.CallSoon(Abandon);
        RunOnce();
        RunOnce();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Loop.CallLater(TimeSpan.FromSeconds(10), Loop.Stop);

        Loop.RunForever();

        Assert.Equal(TimeSpan.Zero, Loop.Time);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Abandon() => Loop.CreateTask(FailAsync());

        static async Coroutine FailAsync()
        {
            await Coroutine.Completed;
            FailingCallback();
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_set_exc_handler_custom")]
    public void A_handler_is_told_instead()
    {
        Assert.Null(Loop.ExceptionHandler);
        var told = new List<ExceptionContext>();
        Action<EventLoop, ExceptionContext> handler = (loop, context) =>
        {
            Assert.Same(Loop, loop);
            told.Add(context);
        };
        Loop.ExceptionHandler = handler;
        Assert.Same(handler, Loop.ExceptionHandler);

        Loop.CallSoon(FailingCallback);
        RunOnce();

        var context = Assert.Single(told);
        Assert.Contains("callback", context.Message);
        Assert.Equal("mine", context.Exception!.Message);
        Assert.Contains(nameof(FailingCallback), context.Callback);
        Assert.Empty(_log.Take());

        Loop.ExceptionHandler = null;
        Loop.CallSoon(FailingCallback);
        RunOnce();

        Assert.Single(told);
        Assert.Single(_log.Take());
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_set_exc_handler_broken")]
    public void A_handler_that_fails_is_logged_together_with_what_it_was_told()
    {
        Loop.ExceptionHandler = (_, _) => throw new ArithmeticException("spam");
        Loop.CallSoon(FailingCallback);
        var ran = false;
        Loop.CallSoon(() => ran = true);

        RunOnce();

        var (_, text, exception) = Assert.Single(_log.Take());
        Assert.Contains("exception handler failed", text);
        Assert.Equal(["spam", "mine"], Assert.IsType<AggregateException>(exception).InnerExceptions.Select(inner => inner.Message));
        Assert.True(ran);
        Loop.ExceptionHandler = null;
    }

    [Fact]
    public void A_program_can_tell_the_handler_itself()
    {
        var told = new List<ExceptionContext>();
        Loop.ExceptionHandler = (_, context) => told.Add(context);
        var context = new ExceptionContext("by hand");

        Loop.CallExceptionHandler(context);

        Assert.Same(context, Assert.Single(told));
    }

    [Fact]
    public void A_handler_can_pass_on_to_the_default_one()
    {
        Loop.ExceptionHandler = (loop, context) => loop.DefaultExceptionHandler(context with { Message = $"passed on: {context.Message}" });
        Loop.CallSoon(FailingCallback);

        RunOnce();

        Assert.Contains("passed on:", Assert.Single(_log.Take()).Text);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_log_slow_callbacks")]
    public void In_debug_mode_slow_callbacks_and_steps_are_logged()
    {
        Loop.Debug = true;
        Loop.SlowCallbackDuration = TimeSpan.Zero; // everything is slow
        Loop.CallSoon(SlowCallback);
        Loop.CreateTask(Asyncio.Yield(), name: "slow task");

        RunOnce();

        var logged = _log.Take();
        Assert.Contains(logged, entry => entry.Level == LogLevel.Warning && entry.Text.Contains(nameof(SlowCallback)));
        Assert.Contains(logged, entry => entry.Level == LogLevel.Warning && entry.Text.Contains("slow task"));

        Loop.SlowCallbackDuration = TimeSpan.FromHours(1);
        RunOnce();
        Assert.Empty(_log.Take());
    }

    [Fact]
    public void Outside_of_debug_mode_nothing_is_slow()
    {
        Loop.SlowCallbackDuration = TimeSpan.Zero;
        Loop.CallSoon(SlowCallback);

        RunOnce();

        Assert.Empty(_log.Take());
    }

    private static void SlowCallback() { }

    private static void FailingCallback() => throw new FormatException("mine");
}
