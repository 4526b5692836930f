#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Serves the files of a folder over HTTP/1.1. The kernel sends them: no byte of a file passes through this program.
//
//   dotnet run examples/http_server.cs -- . 8080
//   curl -i http://127.0.0.1:8080/README.md        or        wrk -c 100 http://127.0.0.1:8080/README.md

using System.Text;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

var folder = Path.GetFullPath(args.ElementAtOrDefault(0) ?? ".");
var port = int.Parse(args.ElementAtOrDefault(1) ?? "8080");
try
{
    Asyncio.Run(async () =>
    {
        var site = new Site(folder);
        await using var server = await Asyncio.StartServerAsync(site.ServeAsync, "127.0.0.1", port);
        Console.WriteLine($"serving {folder} at http://{server.Sockets[0].LocalEndPoint}/");
        await server.ServeForeverAsync();
    });
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
}

sealed class Site(string folder)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, string> s_types = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css",
        [".js"] = "text/javascript",
        [".json"] = "application/json",
        [".md"] = "text/markdown; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".svg"] = "image/svg+xml",
    };

    public async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            try
            {
                // Several requests on a connection, one after the other.
                while (await Asyncio.WaitFor(ReadRequestAsync(reader), s_patience) is { } request)
                {
                    await AnswerAsync(request, writer);
                    if (!request.KeepsAlive)
                        return;
                }
            }
            catch (Exception e) when (e is IOException or TimeoutException or LimitOverrunException)
            {
                // The client has gone, says nothing, or too much.
            }
        }
    }

    private async Coroutine AnswerAsync(Request request, AsyncStreamWriter writer)
    {
        if (request.Method is not ("GET" or "HEAD"))
        {
            Fail("405 Method Not Allowed");
            return;
        }
        if (Find(request.Path) is not { } path)
        {
            Fail("404 Not Found");
            return;
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var type = s_types.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");
        writer.Write(Encoding.ASCII.GetBytes(Head(request, "200 OK", type, file.Length)));
        if (request.Method == "GET" && file.Length > 0)
            await EventLoop.Running.SendFileAsync(writer.Transport, file);
        await writer.DrainAsync();

        void Fail(string status)
        {
            var body = request.Method == "HEAD" ? "" : status + "\n";
            writer.Write(Encoding.ASCII.GetBytes(Head(request, status, "text/plain", status.Length + 1) + body));
        }
    }

    // The file that a path means; null if there is none. Nothing outside of the folder is one.
    private string? Find(string path)
    {
        var full = Path.GetFullPath(folder + Path.DirectorySeparatorChar + Uri.UnescapeDataString(path));
        if (Directory.Exists(full))
            full = Path.Combine(full, "index.html");
        return full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(full) ? full : null;
    }

    private static string Head(Request request, string status, string type, long length) =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\n" +
        $"Content-Length: {length}\r\nConnection: {(request.KeepsAlive ? "keep-alive" : "close")}\r\n\r\n";

    // Null at the end of the connection.
    private static async Coroutine<Request?> ReadRequestAsync(AsyncStreamReader reader)
    {
        byte[] head;
        try
        {
            head = await reader.ReadUntilAsync("\r\n\r\n"u8);
        }
        catch (IncompleteReadException e) when (e.Partial.Length == 0)
        {
            return null;
        }
        var lines = Encoding.ASCII.GetString(head).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, var version])
            return new Request("", "", KeepsAlive: false);
        var keepsAlive = version == "HTTP/1.1" && method is ("GET" or "HEAD"); // others may have a body, which is not read
        foreach (var line in lines[1..])
        {
            if (line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase))
                keepsAlive &= !line.Contains("close", StringComparison.OrdinalIgnoreCase);
        }
        return new Request(method, target.Split('?')[0], keepsAlive);
    }

    private sealed record Request(string Method, string Path, bool KeepsAlive);
}
