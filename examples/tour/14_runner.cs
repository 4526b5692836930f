#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A Runner runs several coroutines on one loop, one after another; what they leave in the context stays.
// It fits where calls come from outside, as in a REPL or in tests.

using AsyncioSharp;

var user = new AsyncLocal<string>(); // what contextvars are to Python

using var runner = new Runner();
var loop = runner.Loop;
runner.Run(LogInAsync(user, "ada"));
Console.WriteLine(runner.Run(GreetAsync(user)));
Console.WriteLine($"still the same loop: {ReferenceEquals(loop, runner.Loop)}");

static async Coroutine LogInAsync(AsyncLocal<string> user, string name)
{
    await Asyncio.Yield();
    user.Value = name;
}

static async Coroutine<string> GreetAsync(AsyncLocal<string> user)
{
    await Asyncio.Yield();
    return $"hello, {user.Value}";
}
