using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

/// <summary>How many tasks programs make, and how many of them have to be scheduled at all.</summary>
public class TaskCountTests : OnVirtualLoop
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_eager_task_factory.py", "BaseTaskCountingTests", "test_awaitables_chain")]
    public void A_chain_of_coroutines_makes_one_task(bool eager)
    {
        var counter = new CountingFactory(eager);
        Loop.TaskFactory = counter;

        Assert.Equal(100, Loop.RunUntilComplete(Chain(100)));

        Assert.Equal((1, 1), (counter.Made, counter.Scheduled)); // the loop did not run yet when it was made

        static async Coroutine<int> Chain(int depth) => depth == 0 ? 0 : 1 + await Chain(depth - 1);
    }

    [Theory]
    [InlineData(false, 781)]
    [InlineData(true, 1)]
    [CPythonTest("test_eager_task_factory.py", "BaseTaskCountingTests", "test_recursive_gather")]
    public void A_tree_of_gathers_makes_a_task_a_node(bool eager, int scheduled)
    {
        var counter = new CountingFactory(eager);
        Loop.TaskFactory = counter;

        Loop.RunUntilComplete(Tree(5, 4));

        Assert.Equal((781, scheduled), (counter.Made, counter.Scheduled));

        static async Coroutine Tree(int width, int depth)
        {
            if (depth > 0)
                await Asyncio.Gather(Enumerable.Range(0, width).Select(_ => Tree(width, depth - 1)));
        }
    }

    [Theory]
    [InlineData(false, 781)]
    [InlineData(true, 156)] // a group learns of its children's ends from the loop, so each of the 156 nodes that have any waits
    [CPythonTest("test_eager_task_factory.py", "BaseTaskCountingTests", "test_recursive_taskgroups")]
    public void A_tree_of_groups_makes_a_task_a_node(bool eager, int scheduled)
    {
        var counter = new CountingFactory(eager);
        Loop.TaskFactory = counter;

        Loop.RunUntilComplete(Tree(5, 4));

        Assert.Equal((781, scheduled), (counter.Made, counter.Scheduled));

        static async Coroutine Tree(int width, int depth)
        {
            if (depth == 0)
                return;
            await TaskGroup.RunAsync(async group =>
            {
                for (var i = 0; i < width; i++)
                    group.StartSoon(Tree(width, depth - 1));
            });
        }
    }

    private sealed class CountingFactory(bool eager) : AsyncioTaskFactory
    {
        private readonly AsyncioTaskFactory _inner = eager ? Eager : new AsyncioTaskFactory();

        public int Made { get; private set; }

        public int Scheduled { get; private set; }

        public override AsyncioTask CreateTask(EventLoop loop, Coroutine coroutine, TaskRequest request) =>
            Count(_inner.CreateTask(loop, coroutine, request));

        public override AsyncioTask<T> CreateTask<T>(EventLoop loop, Coroutine<T> coroutine, TaskRequest request) =>
            Count(_inner.CreateTask(loop, coroutine, request));

        private TTask Count<TTask>(TTask task)
            where TTask : AsyncioTask
        {
            Made++;
            if (!task.IsCompleted)
                Scheduled++;
            return task;
        }
    }
}
