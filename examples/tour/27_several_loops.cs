#:project ../../src/AsyncioSharp/AsyncioSharp.csproj

// A loop uses one core. Two loops, each on a thread of its own, and a plain thread pass values through a queue that belongs
// to none of them: coroutines await it, and the thread is blocked by it.

using AsyncioSharp;

var (numbers, squares) = (new SharedQueue<int>(maxSize: 2), new SharedQueue<int>(maxSize: 2));
using var squaring = new EventLoopThread(name: "squaring");
using var adding = new EventLoopThread(name: "adding");

squaring.StartSoon(SquareAsync);
var sum = adding.RunAsync(AddAsync);
for (var i = 1; i <= 10; i++)
    numbers.Put(i); // waits while the loops do not keep up
numbers.Shutdown();
Console.WriteLine($"the sum of the squares: {sum.Result}");

async Coroutine SquareAsync()
{
    await foreach (var number in numbers)
        await squares.PutAsync(number * number);
    squares.Shutdown();
}

async Coroutine<int> AddAsync()
{
    var total = 0;
    await foreach (var square in squares)
        total += square;
    return total;
}
