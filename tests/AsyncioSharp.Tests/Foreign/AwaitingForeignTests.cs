using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>
/// Coroutines await what is not this library's. Whatever it is and wherever it completes: the coroutine goes on on its loop's
/// thread, as its task, in its context.
/// </summary>
public abstract class AwaitingForeignTests(EventLoop loop) : ForeignLoopTests(loop)
{
    private static readonly Dictionary<string, Func<Task<int>, Coroutine<int>>> s_kinds = new()
    {
        ["Task"] = async task =>
        {
            await (Task)task;
            return task.Result;
        },
        ["Task<T>"] = async task => await task,
        ["Task.ConfigureAwait(false)"] = async task =>
        {
            await ((Task)task).ConfigureAwait(false);
            return task.Result;
        },
        ["Task<T>.ConfigureAwait(false)"] = async task => await task.ConfigureAwait(false),
        ["Task.ConfigureAwait(SuppressThrowing)"] = async task =>
        {
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            return task.Result;
        },
        ["ValueTask"] = async task =>
        {
            await new ValueTask(task);
            return task.Result;
        },
        ["ValueTask<T>"] = async task => await new ValueTask<int>(task),
        ["ValueTask<T>.ConfigureAwait(false)"] = async task => await new ValueTask<int>(task).ConfigureAwait(false),
        ["IValueTaskSource"] = async task => await new ValueTask<int>(new Source(task), 0),
        ["async Task"] = async task => await AsyncTask(task),
        ["async Task off the loop"] = async task => await AsyncTaskOffLoop(task),
        ["async Task off the loop.ConfigureAwait(false)"] = async task => await AsyncTaskOffLoop(task).ConfigureAwait(false),
        ["async ValueTask off the loop"] = async task => await AsyncValueTaskOffLoop(task),
        ["Task.Yield"] = async task =>
        {
            await Task.Yield();
            return await task;
        },
        ["Task.WhenAll"] = async task => (await Task.WhenAll(task, Task.FromResult(1)))[0],
        ["Task.AsFuture"] = async task => await task.AsFuture(),
        ["an awaiter that is a class"] = async task => await new ClassAwaiter(task),
        ["an awaiter that is a struct"] = async task => await new StructAwaiter(task),
        ["two frames down"] = async task => await Nest(async () => await task.ConfigureAwait(false)),
    };

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completed_by_another_thread_it_goes_on_on_the_loop(string kind) => Check(kind, () => CompletedOnPool());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completed_on_the_loop_it_goes_on_in_its_turn(string kind) => Check(kind, () =>
    {
        var source = new TaskCompletionSource<int>();
        Loop.CallSoon(() => source.SetResult(42));
        return source.Task;
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completed_already_it_goes_on(string kind) => Check(kind, () => Task.FromResult(42));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_failure_arrives_with_its_stack(string kind) => Run(async () =>
    {
        var source = new TaskCompletionSource<int>();
        OnPoolSoon(() =>
        {
            try
            {
                FailHere();
            }
            catch (FormatException e)
            {
                source.SetException(e);
            }
        });

        var failure = await Record(s_kinds[kind](source.Task));

        if (failure is AggregateException { InnerExceptions: [var only] })
            failure = only; // where the kind takes the result from the task
        Assert.IsType<FormatException>(failure);
        Assert.Contains(nameof(FailHere), failure.StackTrace);
        Assert.True(Loop.IsOnThread);
    });

    // .NET's own async methods end the process here. The method's own handlers are passed by: it was suspended already.
    public static TheoryData<string> KindsOfOneStep => ["Task", "Task<T>", "ValueTask<T>", "ValueTask"];

    // What the other thread schedules behind it runs in the same turn, and after it.
    [Theory]
    [MemberData(nameof(KindsOfOneStep))]
    public void Completed_by_another_thread_it_goes_on_in_the_turn_that_hears_of_it(string kind) => Run(async () =>
    {
        var (source, order) = (new TaskCompletionSource<int>(), new List<string>());
        OnPoolSoon(() =>
        {
            source.SetResult(42);
            Loop.CallSoonThreadsafe(() => order.Add("scheduled behind it"));
        });

        await s_kinds[kind](source.Task);
        order.Add("went on");

        while (order.Count < 2)
            await Asyncio.Yield();
        Assert.Equal(["went on", "scheduled behind it"], order);
    });

    [Fact]
    public void A_broken_awaiter_fails_the_method_that_awaits_it() => Run(async () =>
    {
        await Expect.ThrowsAsync<NotSupportedException>(AwaitBroken());
        await Expect.ThrowsAsync<NotSupportedException>(Asyncio.CreateTask(AwaitBroken()));
        await Asyncio.Yield();
        Assert.Equal(42, await CompletedOnPool());

        static async Coroutine AwaitBroken() => await new BrokenAwaiter();
    });

    [Fact]
    public void Many_tasks_wait_for_the_same_task_and_each_stays_itself() => Run(async () =>
    {
        var shared = CompletedOnPool(1);

        var results = await Asyncio.Gather(Enumerable.Range(0, 20).Select(i => WaitAndCheck(i)));

        Assert.Equal(Enumerable.Range(1, 20), results);

        async Coroutine<int> WaitAndCheck(int i)
        {
            var local = new AsyncLocal<int> { Value = i };
            var task = Asyncio.CurrentTask;
            var result = await shared;
            Assert.Same(task, Asyncio.CurrentTask);
            return local.Value + result;
        }
    });

    private void Check(string kind, Func<Task<int>> start) => Run(async () =>
    {
        var (task, thread, local) = (Asyncio.CurrentTask, Environment.CurrentManagedThreadId, new AsyncLocal<string>());
        local.Value = "mine";

        var result = await s_kinds[kind](start());

        Assert.Equal(42, result);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        Assert.Same(task, Asyncio.CurrentTask);
        Assert.Equal("mine", local.Value);
        await Asyncio.Yield();
        Assert.Equal("mine", local.Value);
        Assert.Single(Asyncio.AllTasks(), task!);
    });

    private static async Coroutine<Exception?> Record(Coroutine<int> coroutine)
    {
        try
        {
            await coroutine;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static async Coroutine<T> Nest<T>(Func<Coroutine<T>> body) => await body();

    private static void FailHere() => throw new FormatException();

    private static async Task<int> AsyncTask(Task<int> task)
    {
        var before = Asyncio.CurrentTask;
        var result = await task;
        Assert.NotNull(before);
        Assert.Same(before, Asyncio.CurrentTask);
        return result;
    }

    private static async Task<int> AsyncTaskOffLoop(Task<int> task)
    {
        var result = await task.ConfigureAwait(false);
        await Task.Yield();
        return result;
    }

    private static async ValueTask<int> AsyncValueTaskOffLoop(Task<int> task)
    {
        await Task.Yield();
        return await task.ConfigureAwait(false);
    }

    private sealed class Source(Task<int> task) : IValueTaskSource<int>
    {
        public int GetResult(short token) => task.GetAwaiter().GetResult();

        public ValueTaskSourceStatus GetStatus(short token) => task.Status switch
        {
            TaskStatus.RanToCompletion => ValueTaskSourceStatus.Succeeded,
            TaskStatus.Faulted => ValueTaskSourceStatus.Faulted,
            _ => ValueTaskSourceStatus.Pending,
        };

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            task.ContinueWith(_ => continuation(state), TaskScheduler.Default);
    }

    private sealed class ClassAwaiter(Task<int> task) : INotifyCompletion
    {
        public bool IsCompleted => false;

        public ClassAwaiter GetAwaiter() => this;

        public int GetResult() => task.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation)
        {
            if (task.IsCompleted)
                continuation(); // at once, before this returns: allowed, and rude
            else
                task.ContinueWith(_ => continuation(), TaskContinuationOptions.ExecuteSynchronously);
        }
    }

    private readonly struct StructAwaiter(Task<int> task) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public StructAwaiter GetAwaiter() => this;

        public int GetResult() => task.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => new ClassAwaiter(task).OnCompleted(continuation);
    }

    private readonly struct BrokenAwaiter : INotifyCompletion
    {
        public bool IsCompleted => false;

        public BrokenAwaiter GetAwaiter() => this;

        public void GetResult() { }

        public void OnCompleted(Action continuation) => throw new NotSupportedException();
    }
}

public sealed class VirtualAwaitingForeignTests() : AwaitingForeignTests(new VirtualEventLoop());

public sealed class EpollAwaitingForeignTests() : AwaitingForeignTests(new EpollEventLoop());

public sealed class IoUringAwaitingForeignTests() : AwaitingForeignTests(IoUring.NewLoop());

public sealed class PortableAwaitingForeignTests() : AwaitingForeignTests(new PortableEventLoop());
