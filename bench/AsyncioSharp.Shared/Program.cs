using System.Globalization;
using AsyncioSharp;
using AsyncioSharp.Shared;

// A client whose tasks share one connection to an echo server: each sends a request of so many bytes, waits for the answer, and sends the next.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [("loop" or "sockets") and var kind, var port, var tasks, var bytes, var warmUp, var seconds])
{
    Console.Error.WriteLine("usage: AsyncioSharp.Shared loop|sockets PORT TASKS BYTES WARM-UP SECONDS");
    return 2;
}
var (where, many, size) = (int.Parse(port), int.Parse(tasks), int.Parse(bytes));
var measuring = new Measuring(TimeSpan.FromSeconds(double.Parse(warmUp)), TimeSpan.FromSeconds(double.Parse(seconds)));
if (kind == "loop")
    Asyncio.Run(() => OnLoop.RunAsync(where, many, size, measuring));
else
    await OnSockets.RunAsync(where, many, size, measuring);
return 0;
