#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A group can bound how many of its tasks run at a time, and let each fail alone.
// Whoever makes the tasks waits for room, so that they do not pile up.

using AsyncioSharp;

var running = 0;
var options = new TaskGroupOptions
{
    MaxConcurrency = 2,
    ChildFailed = task => Console.WriteLine($"{task.Name} failed: {task.Exception!.Message}"),
};

Asyncio.Run(async () => await TaskGroup.RunAsync(async group =>
{
    for (var i = 1; i <= 5; i++)
    {
        await group.WaitForSlotAsync();
        group.StartSoon(WorkAsync(i), $"job {i}");
    }
}, options));

async Coroutine WorkAsync(int number)
{
    Console.WriteLine($"job {number} is one of {++running}");
    await Asyncio.Sleep(0.2 * number);
    running--;
    if (number == 3)
        throw new InvalidOperationException("three is too many");
}
