#:project ../src/AsyncioSharp.Http/AsyncioSharp.Http.csproj

// Downloads many files at once, with a bar for each. What Ctrl-C interrupts goes on the next time where it was.
//
//   dotnet run examples/download.cs                                  from a site that it serves itself
//   dotnet run examples/download.cs -- https://example.org/a.iso     these files
//   dotnet run examples/download.cs -- --to DIR --at-once 8 URL…
//
// To be read from top to bottom: the program, Download, Screen, PracticeSite, Options.

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AsyncioSharp;
using AsyncioSharp.Http;

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine(Options.Help);
    return 2;
}
return Asyncio.Run(options.Addresses.Count > 0 ? RunAsync(options, options.Addresses) : PractiseAsync(options));

static async Coroutine<int> PractiseAsync(Options options)
{
    await using var site = await PracticeSite.StartAsync();
    Console.WriteLine($"Serving {PracticeSite.Files.Length} files to practise on at {site.Address}");
    return await RunAsync(options, [.. PracticeSite.Files.Select(file => new Uri(site.Address, file.Name))]);
}

static async Coroutine<int> RunAsync(Options options, IReadOnlyList<Uri> addresses)
{
    Directory.CreateDirectory(options.Folder);
    using var http = new HttpClient(AsyncioHttpHandler.Create()) { Timeout = Timeout.InfiniteTimeSpan };
    var downloads = addresses.Select(address => new Download(address, options.Folder)).ToList();
    var screen = new Screen(downloads);
    var places = new AsyncSemaphore(options.AtOnce);
    var interrupted = false;
    try
    {
        // The group ends when every download has. Ctrl-C cancels them all, and each leaves its file fit to go on with.
        await TaskGroup.RunAsync(async group =>
        {
            var showing = group.CreateTask(screen.ShowAsync());
            await TaskGroup.RunAsync(async files =>
            {
                foreach (var download in downloads)
                    files.StartSoon(InTurnAsync(download), download.Name);
            });
            showing.Cancel();
        });
    }
    catch (OperationCanceledException)
    {
        interrupted = true;
    }
    var complete = downloads.Count(download => download.State == State.Done);
    foreach (var failed in downloads.Where(download => download.State == State.Failed))
        Console.WriteLine($"{failed.Name}: {failed.Problem}");
    Console.WriteLine($"{(interrupted ? "Interrupted: " : "")}{complete} of {downloads.Count} files are complete, in {options.Folder}.");
    if (interrupted)
        Console.WriteLine("Run it again to go on.");
    return interrupted ? 130 : complete == downloads.Count ? 0 : 1;

    async Coroutine InTurnAsync(Download download)
    {
        using (await places.AcquireAsync())
            await download.RunAsync(http);
    }
}

enum State
{
    Waiting,
    Running,
    Done,
    Failed,
}

/// <summary>A file. As long as it is not complete it is called NAME.part, and NAME.part.tag says of which version it is.</summary>
sealed class Download(Uri address, string folder)
{
    private const int MaxTries = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _path = Path.Combine(folder, NameOf(address));

    public string Name { get; } = NameOf(address);

    public State State { get; private set; }

    public long Length { get; private set; }

    public long? Total { get; private set; }

    /// <summary>How much was there already when it began.</summary>
    public long ResumedAt { get; private set; }

    public string? Problem { get; private set; }

    private string Part => _path + ".part";

    private string Tag => _path + ".part.tag";

    public async Coroutine RunAsync(HttpClient http)
    {
        State = State.Running;
        if (File.Exists(_path))
        {
            Total = Length = ResumedAt = new FileInfo(_path).Length;
            State = State.Done;
            return;
        }
        ResumedAt = File.Exists(Part) && File.Exists(Tag) ? new FileInfo(Part).Length : 0;
        for (var tries = 1; ; tries++)
        {
            try
            {
                await ContinueAsync(http);
                File.Move(Part, _path);
                File.Delete(Tag);
                State = State.Done;
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
            {
                // The connection was lost. The next try goes on where this one was.
                Problem = e.Message;
            }
            if (tries == MaxTries || Problem!.StartsWith("The server says", StringComparison.Ordinal))
            {
                State = State.Failed;
                return;
            }
            await Asyncio.Sleep(0.1 * tries);
        }
    }

    private async Coroutine ContinueAsync(HttpClient http)
    {
        var have = File.Exists(Part) && File.Exists(Tag) ? new FileInfo(Part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (have > 0)
        {
            // What is missing, provided that the file is still the same; if it is not, all of it.
            request.Headers.Range = new RangeHeaderValue(have, null);
            request.Headers.TryAddWithoutValidation("If-Range", await File.ReadAllTextAsync(Tag));
        }
        using var response = await Asyncio.Timeout(s_patience, async _ => await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
        var headers = response.Content.Headers;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && headers.ContentRange?.Length == have)
        {
            Total = Length = have; // the last byte had come, and nothing more
            return;
        }
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"The server says {(int)response.StatusCode} {response.ReasonPhrase}.");
        if (response.StatusCode != HttpStatusCode.PartialContent || headers.ContentRange?.From != have)
            have = 0;
        if (have == 0)
        {
            ResumedAt = 0;
            var version = response.Headers.ETag?.ToString() ?? headers.LastModified?.ToString("R");
            File.Delete(Tag);
            if (version is not null)
                await File.WriteAllTextAsync(Tag, version);
        }
        Length = have;
        Total = have + headers.ContentLength;
        await using var file = new FileStream(Part, have > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        while (await Asyncio.Timeout(s_patience, async _ => await body.ReadAsync(buffer)) is > 0 and var count)
        {
            // Written at once, and not by a task of its own: whatever happens, the file holds all that has come.
            file.Write(buffer.AsSpan(0, count));
            Length += count;
        }
    }

    private static string NameOf(Uri address) =>
        Path.GetFileName(Uri.UnescapeDataString(address.AbsolutePath)) is { Length: > 0 } name ? name : "index.html";
}

/// <summary>On a terminal a bar for each file, ten times a second; elsewhere a line when something has ended.</summary>
sealed class Screen(List<Download> downloads)
{
    private const int Width = 30;

    public async Coroutine ShowAsync()
    {
        var terminal = !Console.IsOutputRedirected;
        var told = new HashSet<Download>();
        var first = true;
        try
        {
            for (; ; )
            {
                Show();
                await Asyncio.Sleep(0.1);
            }
        }
        finally
        {
            Show(); // as it is at the end
        }

        void Show()
        {
            var again = !first;
            first = false;
            if (terminal)
            {
                Console.Write($"{(again ? $"\e[{downloads.Count}A" : "")}{string.Concat(downloads.Select(Line))}");
                return;
            }
            if (!again)
                Console.WriteLine($"downloading {downloads.Count} files");
            foreach (var download in downloads.Where(download => download.State is State.Done or State.Failed && told.Add(download)))
            {
                Console.WriteLine($"{download.Name} {(download.State == State.Done ? "complete" : "failed")}, " +
                    $"{download.Length} bytes{(download.ResumedAt > 0 ? $", of which {download.ResumedAt} were there" : "")}");
            }
        }
    }

    private static string Line(Download download)
    {
        var part = download.Total is > 0 and var total ? (double)download.Length / total : download.State == State.Done ? 1 : 0;
        var done = (int)(part * Width);
        var bar = new string('━', done) + new string('─', Width - done);
        var end = download.State switch { State.Done => "✓", State.Failed => "failed", State.Waiting => "waits", _ => "" };
        return $"\r{download.Name,-20} {bar} {part,4:0%} {download.Length / 1e6,8:0.00} MB {end}\e[K\n";
    }
}

/// <summary>A server of files over a slow line, that knows Range and once hangs up in the middle.</summary>
sealed class PracticeSite
{
    private const int Rate = 400_000; // bytes a second, on each connection

    public static readonly (string Name, int Length)[] Files =
        [.. Enumerable.Range(1, 8).Select(i => ($"file{i}.bin", 100_000 * i + i))];

    private Server _server = null!;
    private bool _hungUp;

    public Uri Address { get; private set; } = null!;

    public static async Coroutine<PracticeSite> StartAsync()
    {
        var site = new PracticeSite();
        site._server = await Asyncio.StartServerAsync(site.ServeAsync, "127.0.0.1", 0);
        site.Address = new Uri($"http://{site._server.Sockets[0].LocalEndPoint}/");
        return site;
    }

    public async Coroutine DisposeAsync()
    {
        _server.Close();
        _server.AbortClients();
        await _server.WaitClosedAsync();
    }

    /// <summary>What stands at a place of a file, the same each time.</summary>
    public static byte At(int length, long place) => (byte)((place * 31) + (place >> 8) + length);

    private async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            try
            {
                while (await AnswerAsync(reader, writer))
                {
                }
            }
            catch (Exception e) when (e is IOException or IncompleteReadException)
            {
                // the client has gone away
            }
        }
    }

    private async Coroutine<bool> AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        var lines = Encoding.Latin1.GetString(await reader.ReadUntilAsync("\r\n\r\n"u8.ToArray())).Split("\r\n");
        var name = lines[0].Split(' ') is [_, ['/', .. var path], _] ? path : "";
        var file = Files.FirstOrDefault(file => file.Name == name);
        if (file.Name is null)
        {
            writer.Write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8);
            return true;
        }
        var tag = $"\"{file.Length}\"";
        var from = lines.Contains($"If-Range: {tag}")
            ? lines.Where(line => line.StartsWith("Range: bytes=", StringComparison.Ordinal))
                .Select(line => long.Parse(line[13..].TrimEnd('-'))).FirstOrDefault()
            : 0;
        var status = from == 0 ? "200 OK" : from < file.Length ? "206 Partial Content" : "416 Range Not Satisfiable";
        var range = from == 0 ? "" : from < file.Length
            ? $"Content-Range: bytes {from}-{file.Length - 1}/{file.Length}\r\n" : $"Content-Range: bytes */{file.Length}\r\n";
        writer.Write(
            Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nETag: {tag}\r\n{range}Content-Length: {Math.Max(0, file.Length - from)}\r\n\r\n"));
        for (var at = from; at < file.Length;)
        {
            var piece = new byte[Math.Min(20_000, file.Length - at)];
            for (var i = 0; i < piece.Length; i++)
                piece[i] = At(file.Length, at + i);
            writer.Write(piece);
            await writer.DrainAsync();
            at += piece.Length;
            await Asyncio.Sleep((double)piece.Length / Rate);
            if (!_hungUp && file.Name == "file3.bin" && at > file.Length / 2)
            {
                _hungUp = true;
                return false;
            }
        }
        return true;
    }
}

sealed record Options(IReadOnlyList<Uri> Addresses, string Folder, int AtOnce)
{
    public const string Help = """
        Usage: dotnet run examples/download.cs -- [URL…] [--to DIR] [--at-once N]

          URL           files to download, by http or https; without any, from a site that it serves itself
          --to DIR      where to put them (default: downloads)
          --at-once N   how many at a time (default: 4)

        Ctrl-C interrupts it; run again, it goes on where it was.
        """;

    public static Options? Parse(string[] args)
    {
        var (addresses, folder, atOnce) = (new List<Uri>(), "downloads", 4);
        var words = new Queue<string>(args);
        while (words.TryDequeue(out var word))
        {
            if (word == "--to" && words.TryDequeue(out var to))
                folder = to;
            else if (word == "--at-once" && words.TryDequeue(out var text) && int.TryParse(text, out atOnce) && atOnce > 0)
                continue;
            else if (Uri.TryCreate(word, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                addresses.Add(address);
            else
                return null;
        }
        return new Options(addresses, folder, atOnce);
    }
}
