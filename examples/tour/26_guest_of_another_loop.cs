#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A program whose thread has a loop already, as a window has: ours becomes its guest. The host's thread runs the callbacks,
// and a thread of the library's waits for timers and the network meanwhile.

using System.Collections.Concurrent;
using AsyncioSharp;

using var messages = new BlockingCollection<Action>();
var window = Environment.CurrentManagedThreadId;
var clicked = new AsyncEvent();

Asyncio.StartGuestRun(ProgramAsync, runOnHost: messages.Add, done: run =>
{
    Console.WriteLine($"the guest has ended: {run.Completion.Result}");
    messages.CompleteAdding();
});
messages.Add(() => Console.WriteLine("the window is drawn"));
foreach (var message in messages.GetConsumingEnumerable()) // the host's loop
    message();

async Coroutine<string> ProgramAsync()
{
    Console.WriteLine($"on the window's thread: {Environment.CurrentManagedThreadId == window}");
    _ = Task.Run(() => messages.Add(clicked.Set)); // somebody clicks: the host runs that, and our task goes on
    await clicked.WaitAsync();
    Console.WriteLine("a click");
    await Asyncio.Sleep(0.05);
    Console.WriteLine($"still on the window's thread: {Environment.CurrentManagedThreadId == window}");
    return "bye";
}
