#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A game keeps its thread and its own clock: in each frame it moves the time on, lets the loop run what is due, and draws.
// Between two frames the loop stands still, and the game may use what belongs to it.

using AsyncioSharp;
using AsyncioSharp.LowLevel;

using var loop = new VirtualEventLoop(); // the host is its clock; EventLoop.New() has one of its own
var position = 0;
var fire = new AsyncEvent();
var game = loop.CreateTask(PlayAsync());

for (var frame = 1; !game.IsCompleted; frame++)
{
    loop.Advance(TimeSpan.FromMilliseconds(100));
    while (loop.RunOnce() == TimeSpan.Zero) // with a budget, one call does the same, and not for too long
    {
    }
    Console.WriteLine($"frame {frame}: {new string('.', position)}>");
    if (frame == 5)
        fire.Set(); // a key was pressed
}
Console.WriteLine($"points: {game.Result}");

async Coroutine<int> PlayAsync() => await TaskGroup.RunAsync(async group =>
{
    var flight = group.CreateTask(FlyAsync());
    await fire.WaitAsync();
    flight.Cancel();
    return position * 10;
});

async Coroutine FlyAsync()
{
    for (; ; position++)
        await Asyncio.Sleep(0.2);
}
