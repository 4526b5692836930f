using System.Globalization;
using AsyncioSharp;
using AsyncioSharp.Load;

// What many connections cost, and whether they leave anything behind.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["idle", var kind, var count] when Kinds.TryParse(kind, out var parsed) && int.TryParse(count, out var number):
        return Asyncio.Run(() => Idle.RunAsync(parsed, number));
    case ["clients", var kind, var port, var count] when Kinds.TryParse(kind, out var parsed)
        && int.TryParse(port, out var where) && int.TryParse(count, out var number):
        return Asyncio.Run(() => Clients.RunAsync(parsed, where, number));
    case ["storm", var kind, var count] when Kinds.TryParse(kind, out var parsed) && int.TryParse(count, out var number):
        return Asyncio.Run(() => Storm.RunAsync(parsed, number));
    case ["soak", var seconds] when int.TryParse(seconds, out var number):
        return Asyncio.Run(() => Soak.RunAsync(TimeSpan.FromSeconds(number)));
    default:
        Console.Error.WriteLine("""
            usage: AsyncioSharp.Load idle protocol|streams|tls COUNT   what an idle connection costs; all are served then
                   AsyncioSharp.Load storm protocol|streams|tls COUNT  so many connections made and dropped at once; how others fare
                   AsyncioSharp.Load soak SECONDS                      connections made, used and dropped all the time
            """);
        return 2;
}
