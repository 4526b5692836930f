#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// An async iterator is C#'s own, and its body may await what coroutines await; "await foreach" takes from it.
// An async context manager is a class with DisposeAsync; "await using" leaves it however the block ends.

using AsyncioSharp;

Asyncio.Run(async () =>
{
    await using var table = new Table();
    await foreach (var course in table.ServeAsync())
    {
        Console.WriteLine($"eating {course}");
        if (course == "main course")
            break; // no dessert: the iterator is left, and its finally runs
    }
});

class Table
{
    public async IAsyncEnumerable<string> ServeAsync()
    {
        try
        {
            foreach (var course in (string[])["soup", "main course", "dessert"])
            {
                await Asyncio.Sleep(0.05);
                yield return course;
            }
        }
        finally
        {
            Console.WriteLine("the kitchen closes");
        }
    }

    public async Coroutine DisposeAsync() => Console.WriteLine(await Asyncio.Sleep(TimeSpan.FromSeconds(0.05), "the table is cleared"));
}
