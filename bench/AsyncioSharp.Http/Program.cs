using AsyncioSharp.Http.Benchmark;

// The server, and a client to be measured; `bench/http` runs both.
switch (args)
{
    case ["serve"]:
        await KestrelServer.ServeAsync();
        return 0;
    case ["client", "loop", var kind, var url, var concurrency, var seconds]:
        Client.OnLoop(kind, url, int.Parse(concurrency), double.Parse(seconds));
        return 0;
    case ["client", "stock", var kind, var url, var concurrency, var seconds]:
        await Client.OnPoolAsync(kind, url, int.Parse(concurrency), double.Parse(seconds));
        return 0;
    default:
        Console.Error.WriteLine("usage: serve | client loop|stock http|https|http2 URL CONCURRENCY SECONDS");
        return 2;
}
