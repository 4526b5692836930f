using AsyncioSharp.Network;

// Servers to be measured, and what loads them; `bench/network` runs both.
switch (args)
{
    case ["serve", "loop", var kind, var port, var file]:
        OnLoop.Serve(kind, int.Parse(port), file);
        return 0;
    case ["serve", "sockets", var kind, var port, var file]:
        await OnSockets.ServeAsync(kind, int.Parse(port), file);
        return 0;
    case ["load", var kind, var port, var seconds]:
        Load.Run(kind, int.Parse(port), double.Parse(seconds));
        return 0;
    default:
        Console.Error.WriteLine("usage: AsyncioSharp.Network serve loop|sockets KIND PORT FILE | load KIND PORT SECONDS");
        return 2;
}
