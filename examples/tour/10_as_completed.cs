#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// AsCompleted gives each task as soon as it is done, the quickest first.
// They are the tasks that were passed in, so that one can tell which it is.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    var tasks = new Dictionary<string, double> { ["tortoise"] = 0.5, ["hare"] = 0.1, ["fox"] = 0.3 }
        .Select(runner => Asyncio.CreateTask(RunAsync(runner.Value), runner.Key))
        .ToList();
    var place = 0;
    await foreach (var runner in Asyncio.AsCompleted(tasks))
        Console.WriteLine($"{++place}. {runner.Name}, after {await runner} s");
});

static async Coroutine<double> RunAsync(double seconds)
{
    await Asyncio.Sleep(seconds);
    return seconds;
}
