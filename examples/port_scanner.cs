#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Looks which TCP ports of a host are open: hundreds of attempts at a time, each with a time limit.
//
//   dotnet run examples/port_scanner.cs -- 127.0.0.1
//   dotnet run examples/port_scanner.cs -- example.org 1 1024

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

const int Concurrency = 500;
var patience = TimeSpan.FromSeconds(1);

var host = args.ElementAtOrDefault(0) ?? "127.0.0.1";
var first = int.Parse(args.ElementAtOrDefault(1) ?? "1");
var last = int.Parse(args.ElementAtOrDefault(2) ?? "1024");
return Asyncio.Run(async () =>
{
    IPEndPoint address;
    try
    {
        address = (await EventLoop.Running.GetAddressInfoAsync(host, 0))[0];
    }
    catch (SocketException e)
    {
        Console.Error.WriteLine($"port_scanner: {host}: {e.Message}");
        return 2;
    }
    var clock = Stopwatch.StartNew();
    var open = new SortedSet<int>();
    var slots = new AsyncSemaphore(Concurrency);
    await TaskGroup.RunAsync(async group =>
    {
        for (var port = first; port <= last; port++)
            group.StartSoon(TryAsync(new IPEndPoint(address.Address, port)));
    });
    foreach (var port in open)
    {
        var (_, service) = await EventLoop.Running.GetNameInfoAsync(new IPEndPoint(address.Address, port), NameInfoFlags.NumericHost);
        Console.WriteLine(service == $"{port}" ? $"{port}" : $"{port} {service}");
    }
    Console.WriteLine($"{open.Count} of {last - first + 1} ports of {address.Address} are open; that took {clock.Elapsed.TotalSeconds:F2} s.");
    return 0;

    async Coroutine TryAsync(IPEndPoint remote)
    {
        using (await slots.AcquireAsync())
        {
            using var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await Asyncio.WaitFor(EventLoop.Running.SockConnectAsync(socket, remote), patience);
                open.Add(remote.Port); // no lock: only one task runs at a time
            }
            catch (Exception e) when (e is SocketException or TimeoutException)
            {
                // Closed, or nobody answers.
            }
        }
    }
});
