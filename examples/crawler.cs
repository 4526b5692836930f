#:project ../src/AsyncioSharp.Http/AsyncioSharp.Http.csproj

// A web crawler: many requests at a time, one thread, no locks.
//
//   dotnet run examples/crawler.cs                              crawls a site that it serves itself
//   dotnet run examples/crawler.cs -- https://example.org/      crawls that site
//   dotnet run examples/crawler.cs -- --help                    lists the options
//
// To be read from top to bottom:
//   the program     starts the site if it is to have one of its own, crawls, and says what came out
//   Crawler         a queue of pages and a group of workers; a time limit and retries for each page; a progress line
//   Report          the table
//   References      the links in HTML and CSS
//   PracticeSite    a web server on AsyncioSharp's streams, with everything that goes wrong on the web
//   Options         the command line

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using AsyncioSharp;
using AsyncioSharp.Http;

if (!Options.TryParse(args, out var options, out var mistake))
{
    Console.Error.WriteLine($"crawler: {mistake} See --help.");
    return 2;
}
if (options.ShowHelp)
{
    Console.WriteLine(Options.Help);
    return 0;
}
// Asyncio.Run makes an event loop, runs the coroutine on it and closes it. Everything below happens on this thread.
return Asyncio.Run(options.Start is { } start ? CrawlAsync(start, options) : CrawlPracticeSiteAsync(options));

static async Coroutine<int> CrawlPracticeSiteAsync(Options options)
{
    await using var site = await PracticeSite.StartAsync();
    Console.WriteLine($"Serving a site to practise on at {site.Address}, and crawling it {options.Concurrency} pages at a time.");
    return await CrawlAsync(site.Address, options);
}

static async Coroutine<int> CrawlAsync(Uri start, Options options)
{
    using var crawler = new Crawler(start, options);
    try
    {
        await crawler.RunAsync();
    }
    catch (OperationCanceledException)
    {
        // Ctrl-C cancels the main task. When that arrives here, every worker has ended: a group leaves nobody behind.
        // (It arrives as CanceledException, or as what .NET's own calls throw; this is the base class of both.)
        Report.Print(crawler, interrupted: true);
        return 130;
    }
    catch (SiteUnreachableException e)
    {
        Console.Error.WriteLine($"crawler: {e.Message}");
        return 2;
    }
    Report.Print(crawler, interrupted: false);
    return 0;
}

/// <summary>Visits every page of a site that can be reached by links, each once.</summary>
sealed class Crawler : IDisposable
{
    private const int MaxRedirects = 20;
    private const int MaxBody = 64 * 1024 * 1024;

    private readonly Options _options;
    private readonly HttpClient _http;
    private readonly AsyncQueue<Page> _queue = new();
    private readonly Dictionary<Uri, Page> _pages = [];
    private readonly Stopwatch _clock = new();
    private int _running;

    // The site is what has the start page's host, or the host to which the start page redirects.
    private Uri _site;

    public Crawler(Uri start, Options options)
    {
        _site = start;
        _options = options;
        // .NET's HTTP client over the loop's own connections: everything of a request happens on this thread.
        _http = new HttpClient(AsyncioHttpHandler.Create(sockets =>
        {
            sockets.AllowAutoRedirect = false; // a redirect is a page like any other, with one link
            sockets.AutomaticDecompression = DecompressionMethods.All;
            sockets.MaxConnectionsPerServer = options.Concurrency;
            sockets.UseCookies = false;
            sockets.UseProxy = !start.IsLoopback;
        }));
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("AsyncioSharp-crawler/1.0");
        _http.MaxResponseContentBufferSize = MaxBody;
        _http.Timeout = Timeout.InfiniteTimeSpan; // Asyncio.Timeout sees to that
        Start = start;
    }

    public Uri Start { get; }

    /// <summary>The pages that were visited, in the order in which they were done with.</summary>
    public List<Page> Visited { get; } = [];

    public int Retries { get; private set; }

    public int Concurrency => _options.Concurrency;

    public TimeSpan Elapsed => _clock.Elapsed;

    public Page? Find(Uri address) => _pages.GetValueOrDefault(address);

    public void Dispose() => _http.Dispose();

    public async Coroutine RunAsync()
    {
        _clock.Start();
        // The first page alone: without it there is nothing to crawl.
        Found(Start, depth: 0, from: null);
        var first = _queue.GetNoWait();
        await VisitAsync(first);
        _queue.TaskDone();
        if (first.Outcome!.Unreachable)
            throw new SiteUnreachableException($"cannot reach {Start} ({first.Outcome.Status}): {first.Outcome.Detail}");

        // The group ends when all of its tasks have. Should one fail, or Ctrl-C be pressed, the others are cancelled.
        await TaskGroup.RunAsync(async group =>
        {
            var progress = _options.ShowProgress ? group.CreateTask(ShowProgressAsync(), "progress") : null;
            for (var i = 1; i <= _options.Concurrency; i++)
                group.StartSoon(WorkAsync(), $"worker {i}");
            await _queue.JoinAsync(); // until each page that was found is done with;
            _queue.Shutdown();        // then the workers' loops end,
            progress?.Cancel();       // and so does the progress line
        });
        _clock.Stop();
    }

    private async Coroutine WorkAsync()
    {
        await foreach (var page in _queue)
        {
            await VisitAsync(page);
            _queue.TaskDone();
        }
    }

    private async Coroutine VisitAsync(Page page)
    {
        var start = _clock.Elapsed;
        _running++;
        try
        {
            page.Outcome = await FetchAsync(page);
        }
        finally
        {
            _running--;
        }
        page.Time = _clock.Elapsed - start;
        Visited.Add(page);

        foreach (var link in page.Outcome.Links)
            Found(link, page.Depth + 1, page);
        if (page.Outcome.RedirectsTo is { } target)
        {
            if (page.Depth == 0)
                _site = target; // from http to https, or to www.: that is where the site is
            if (page.Redirects < MaxRedirects)
                Found(target, page.Depth, page, page.Redirects + 1);
        }
    }

    private void Found(Uri address, int depth, Page? from, int redirects = 0)
    {
        var isOfSite = address.IdnHost == _site.IdnHost && (address.Port == _site.Port || (address.IsDefaultPort && _site.IsDefaultPort));
        if (depth > _options.Depth || !isOfSite)
            return;
        if (!_pages.TryGetValue(address, out var page))
        {
            _pages.Add(address, page = new Page(address, from, redirects) { Depth = depth });
            _queue.PutNoWait(page);
        }
        else if (depth < page.Depth && _options.Depth < int.MaxValue)
        {
            // A way that is shorter than the first one found. What it links to is nearer now, perhaps near enough.
            page.Depth = depth;
            foreach (var link in page.Outcome?.Links ?? [])
                Found(link, depth + 1, page);
        }
    }

    /// <summary>Tries until there is an answer, or no hope of one.</summary>
    private async Coroutine<Outcome> FetchAsync(Page page)
    {
        for (var attempt = 0; ; attempt++)
        {
            var outcome = await TryFetchAsync(page.Address);
            if (!outcome.MayPass || attempt == _options.Retries)
                return outcome;
            Retries++;
            // Twice as long each time, and not all at the same moment.
            var delay = 0.1 * (1 << Math.Min(attempt, 8)) * (0.75 + 0.5 * Random.Shared.NextDouble());
            await Asyncio.Sleep(delay);
        }
    }

    private async Coroutine<Outcome> TryFetchAsync(Uri address)
    {
        try
        {
            return await Asyncio.Timeout(_options.Timeout, _ => DownloadAsync(address));
        }
        catch (TimeoutException)
        {
            return new Outcome("timeout")
            {
                MayPass = true,
                Unreachable = true,
                Detail = $"no answer within {_options.Timeout.TotalSeconds:0.######} s",
            };
        }
        catch (HttpRequestException e)
        {
            var error = e.InnerException is HttpIOException inner ? inner.HttpRequestError : e.HttpRequestError;
            var status = error switch
            {
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => "no connection",
                HttpRequestError.SecureConnectionError => "TLS error",
                HttpRequestError.ResponseEnded => "cut short",
                HttpRequestError.ConfigurationLimitExceeded => "too large",
                _ => "bad answer",
            };
            var unreachable = status is "no connection" or "TLS error";
            // Where nothing has answered yet, nothing will.
            var mayPass = status == "cut short" || (unreachable && Visited.Count > 0);
            return new Outcome(status) { MayPass = mayPass, Unreachable = unreachable, Detail = (e.InnerException ?? e).Message };
        }
    }

    /// <summary>Gets a page with .NET's HTTP client: a coroutine can await any <see cref="Task"/>.</summary>
    private async Coroutine<Outcome> DownloadAsync(Uri address)
    {
        // When the task is cancelled, by the timeout or by Ctrl-C, so is the request: nobody passes a token.
        using var response = await _http.GetAsync(address);
        var body = await response.Content.ReadAsByteArrayAsync();
        var outcome = new Outcome(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture))
        {
            Bytes = body.Length,
            MayPass = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        };
        if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
            return outcome with { RedirectsTo = References.Resolve(address, response.Headers.Location?.OriginalString ?? "") };
        if (response.IsSuccessStatusCode)
            return outcome with { Links = References.Of(body, response.Content.Headers.ContentType, address) };
        return outcome;
    }

    private async Coroutine ShowProgressAsync()
    {
        var terminal = !Console.IsOutputRedirected;
        try
        {
            for (; ; )
            {
                await Asyncio.Sleep(terminal ? 0.1 : 1.0);
                var line = $"{Elapsed.TotalSeconds,6:0.0} s  {Visited.Count} done, {_running} running, {_queue.Count} waiting, {Retries} retries";
                if (terminal)
                    Console.Write($"\r{line}\e[K");
                else
                    Console.WriteLine(line);
            }
        }
        finally
        {
            // Runs too when the task is cancelled, which is how it ends.
            if (terminal)
                Console.Write("\r\e[K");
        }
    }
}

/// <summary>An address, where it was found, and what came of it.</summary>
sealed class Page(Uri address, Page? from, int redirects)
{
    public Uri Address => address;

    /// <summary>The page where it was found first.</summary>
    public Page? From => from;

    /// <summary>How many redirects in a row led here.</summary>
    public int Redirects => redirects;

    /// <summary>How many links it is away from the start.</summary>
    public int Depth { get; set; }

    public Outcome? Outcome { get; set; }

    /// <summary>How long it took, retries included.</summary>
    public TimeSpan Time { get; set; }
}

sealed record Outcome(string Status)
{
    public long Bytes { get; init; }

    public IReadOnlyCollection<Uri> Links { get; init; } = [];

    public Uri? RedirectsTo { get; init; }

    /// <summary>Whether another try could do better.</summary>
    public bool MayPass { get; init; }

    public bool Unreachable { get; init; }

    public string? Detail { get; init; }
}

sealed class SiteUnreachableException(string message) : Exception(message);

static class Report
{
    private const int MaxProblems = 12;

    public static void Print(Crawler crawler, bool interrupted)
    {
        var pages = crawler.Visited;
        var rows = pages.GroupBy(page => StatusOf(crawler, page)).OrderBy(row => row.Key, StringComparer.Ordinal).ToList();
        Console.WriteLine();
        Console.WriteLine($"{(interrupted ? "Interrupted" : "Done")} after {crawler.Elapsed.TotalSeconds:0.00} s: " +
            $"{pages.Count} pages of {crawler.Start.Host}, {crawler.Retries} retries.");
        if (pages.Count == 0)
            return;
        Console.WriteLine();
        Console.WriteLine($"{"status",-14}{"pages",8}{"bytes",14}{"median",12}{"p99",12}");
        foreach (var row in rows)
            PrintRow(row.Key, [.. row]);
        if (rows.Count > 1)
            PrintRow("all", pages);

        // A problem is whatever a reader who follows the link would not get to see.
        var problems = pages.Where(page => StatusOf(crawler, page) is not ("200" or "301" or "302" or "303" or "307" or "308")).ToList();
        if (problems.Count > 0)
        {
            Console.WriteLine();
            foreach (var page in problems.OrderBy(page => page.Address.PathAndQuery, StringComparer.Ordinal).Take(MaxProblems))
            {
                var found = page.From is { } from ? $"  (on {from.Address.PathAndQuery})" : "";
                Console.WriteLine($"{StatusOf(crawler, page),-14}{page.Address.PathAndQuery}{found}");
            }
            if (problems.Count > MaxProblems)
                Console.WriteLine($"… and {problems.Count - MaxProblems} more");
        }

        var sum = TimeSpan.FromTicks(pages.Sum(page => page.Time.Ticks));
        if (pages.Count > 1 && crawler.Concurrency > 1 && !interrupted)
        {
            Console.WriteLine();
            Console.WriteLine($"One by one they would have taken up to {sum.TotalSeconds:0.0} s, " +
                $"the sum of their times: up to {sum / crawler.Elapsed:0.0} times as long.");
            Console.WriteLine("(Less, as far as pages were slow only because others were loading beside them.)");
        }
    }

    private static void PrintRow(string status, IReadOnlyCollection<Page> pages)
    {
        var times = pages.Select(page => page.Time.TotalMilliseconds).Order().ToArray();
        var bytes = pages.Sum(page => page.Outcome!.Bytes).ToString("N0", CultureInfo.InvariantCulture);
        Console.WriteLine($"{status,-14}{pages.Count,8}{bytes,14}{$"{Percentile(times, 0.5):0.0} ms",12}{$"{Percentile(times, 0.99):0.0} ms",12}");
    }

    private static double Percentile(double[] sorted, double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];

    // That redirects go round in a circle is seen when all of them are known.
    private static string StatusOf(Crawler crawler, Page page)
    {
        var seen = new HashSet<Page>();
        for (var next = page; next is not null; next = next.Outcome?.RedirectsTo is { } target ? crawler.Find(target) : null)
        {
            if (!seen.Add(next))
                return "redirect loop";
        }
        return page.Outcome!.Status;
    }
}

/// <summary>
/// Finds what pages refer to. A crawler wants attributes only, so a scanner of a page's length does, where a parser would
/// build a tree and take many times as long.
/// </summary>
static partial class References
{
    /// <summary>The addresses that a page or style sheet refers to, each once, without fragments.</summary>
    public static IReadOnlyCollection<Uri> Of(byte[] body, System.Net.Http.Headers.MediaTypeHeaderValue? type, Uri address)
    {
        var references = type?.MediaType?.ToLowerInvariant() switch
        {
            "text/html" or "application/xhtml+xml" => InHtml(Decode(body, type.CharSet)),
            "text/css" => CssReference().Matches(Decode(body, type.CharSet)).Select(match => ("css", match.Groups[1].Value)),
            _ => [],
        };
        var baseAddress = address;
        var seen = new HashSet<string>();
        var found = new HashSet<Uri>();
        foreach (var (tag, value) in references)
        {
            var text = WithoutFragment(value);
            if (tag.Equals("base", StringComparison.OrdinalIgnoreCase))
                baseAddress = Resolve(address, text) ?? baseAddress;
            else if (text.Length > 0 && seen.Add(text) && Resolve(baseAddress, text) is { } link)
                found.Add(link);
        }
        return found;
    }

    /// <summary>
    /// The address that a reference means: absolute, with dots resolved, escapes and case as they should be, without
    /// fragment and password. Null if it is none of HTTP. <see cref="Uri"/> knows the rules.
    /// </summary>
    public static Uri? Resolve(Uri baseAddress, string reference)
    {
        var text = string.Concat(reference.Where(c => c is not ('\t' or '\n' or '\r')));
        return Uri.TryCreate(baseAddress, text, out var address) && address.Scheme is "http" or "https" && address.Host.Length > 0
            ? new Uri(address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped))
            : null;
    }

    private static string WithoutFragment(string reference)
    {
        var text = WebUtility.HtmlDecode(reference);
        var fragment = text.IndexOf('#');
        return fragment < 0 ? text : text[..fragment];
    }

    private static string Decode(byte[] body, string? charset)
    {
        try
        {
            return Encoding.GetEncoding(charset?.Trim('"') ?? "utf-8").GetString(body);
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8.GetString(body); // a charset that nobody knows
        }
    }

    [GeneratedRegex("""(?:url\(\s*["']?|@import\s+["'])([^"')]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex CssReference();

    /// <summary>Every href and src with its tag, in whatever state the page is.</summary>
    private static IEnumerable<(string Tag, string Value)> InHtml(string html)
    {
        for (var at = html.IndexOf('<'); at >= 0; at = at < html.Length ? html.IndexOf('<', at) : -1)
        {
            if (string.CompareOrdinal(html, at, "<!--", 0, 4) == 0)
            {
                at = After(html, "-->", at + 4);
                continue;
            }
            var start = ++at;
            while (at < html.Length && char.IsAsciiLetterOrDigit(html[at]))
                at++;
            if (at == start)
                continue; // an end tag, a declaration, or a stray character
            var tag = html[start..at];
            while (TryReadAttribute(html, ref at, out var name, out var value))
            {
                if (name.Equals("href", StringComparison.OrdinalIgnoreCase) || name.Equals("src", StringComparison.OrdinalIgnoreCase))
                    yield return (tag, value);
            }
            // What stands inside these is no markup.
            if (tag.ToLowerInvariant() is "script" or "style" or "textarea" or "title")
                at = After(html, $"</{tag}", at);
        }
    }

    private static bool TryReadAttribute(string html, ref int at, out string name, out string value)
    {
        name = value = "";
        while (at < html.Length && (char.IsWhiteSpace(html[at]) || html[at] == '/'))
            at++;
        if (at >= html.Length || html[at] is '>' or '<')
            return false; // a tag that was never closed ends where the next begins
        var start = at++;
        while (at < html.Length && !char.IsWhiteSpace(html[at]) && html[at] is not ('=' or '>' or '/' or '<'))
            at++;
        name = html[start..at];
        var next = at;
        while (next < html.Length && char.IsWhiteSpace(html[next]))
            next++;
        if (next >= html.Length || html[next] != '=')
            return true;
        at = next + 1;
        while (at < html.Length && char.IsWhiteSpace(html[at]))
            at++;
        if (at >= html.Length)
            return true;
        var quote = html[at];
        if (quote is '"' or '\'')
        {
            start = ++at;
            at = html.IndexOf(quote, at);
            if (at < 0)
                at = html.Length;
            value = html[start..at].Trim();
            at++;
        }
        else
        {
            start = at;
            while (at < html.Length && !char.IsWhiteSpace(html[at]) && html[at] != '>')
                at++;
            value = html[start..at];
        }
        return true;
    }

    private static int After(string html, string text, int at)
    {
        var found = at < html.Length ? html.IndexOf(text, at, StringComparison.OrdinalIgnoreCase) : -1;
        return found < 0 ? html.Length : found + text.Length;
    }
}

/// <summary>
/// A site of a few hundred pages with what a crawler meets on the web: pages that are slow, moved, busy, broken, gone
/// or silent. It is a small HTTP/1.1 server that keeps connections open.
/// </summary>
sealed class PracticeSite
{
    private const int Topics = 30;
    private const int PagesPerTopic = 12;

    private readonly Dictionary<string, int> _requests = [];
    private Server _server = null!;

    private PracticeSite() { }

    public Uri Address { get; private set; } = null!;

    public static async Coroutine<PracticeSite> StartAsync()
    {
        var site = new PracticeSite();
        site._server = await Asyncio.StartServerAsync(site.ServeAsync, "127.0.0.1", 0);
        site.Address = new Uri($"http://{site._server.Sockets[0].LocalEndPoint}/");
        return site;
    }

    /// <summary>For <c>await using</c>, to which a coroutine is as good as a <see cref="ValueTask"/>.</summary>
    public async Coroutine DisposeAsync()
    {
        _server.Close();        // nobody new comes in
        _server.CloseClients(); // those who are in are sent what was written to them, and leave
        await _server.WaitClosedAsync();
    }

    /// <summary>Runs once for each connection, in a task of its own.</summary>
    private async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        try
        {
            while (await ReadRequestAsync(reader) is { } path)
            {
                if (!await AnswerAsync(path, writer))
                    break;
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client has gone away, as clients do.
        }
        writer.Close();
    }

    /// <summary>The path of the next request, or null if there is none.</summary>
    private static async Coroutine<string?> ReadRequestAsync(AsyncStreamReader reader)
    {
        var request = Encoding.ASCII.GetString(await reader.ReadLineAsync());
        while ((await reader.ReadLineAsync()).Length > 2)
        {
            // Headers: none matters here.
        }
        var words = request.Split(' ');
        return words.Length == 3 ? words[1] : null;
    }

    /// <summary>Answers a request.</summary>
    /// <returns>Whether the connection can be used for another.</returns>
    private async Coroutine<bool> AnswerAsync(string path, AsyncStreamWriter writer)
    {
        var times = _requests[path] = _requests.GetValueOrDefault(path) + 1;
        // As far away as the web is: 30 to 90 ms, the same for a page each time.
        await Asyncio.Sleep(TimeSpan.FromMilliseconds(30 + (path.Sum(c => c) * 7 % 60)));
        switch (path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case []:
                return await SendAsync(writer, "200 OK", FrontPage());
            case ["topics", var topic] when IsNumber(topic, Topics, out var t):
                return await SendAsync(writer, "200 OK", TopicPage(t));
            case ["topics", var topic, var name] when IsNumber(topic, Topics, out var t)
                && IsNumber(Path.GetFileNameWithoutExtension(name), PagesPerTopic, out var p):
                return await SendAsync(writer, "200 OK", TextPage(t, p));
            case ["moved", var topic]:
                return await SendAsync(writer, "301 Moved Permanently", "", $"Location: ../topics/{topic}/\r\n");
            case ["circle", var half]:
                return await SendAsync(writer, "302 Found", "", $"Location: /circle/{(half == "east" ? "west" : "east")}\r\n");
            case ["slow", _]:
                await Asyncio.Sleep(0.25);
                return await SendAsync(writer, "200 OK", "<p>Good things take time.");
            case ["busy"]:
                return times <= 2
                    ? await SendAsync(writer, "503 Service Unavailable", "Come back later.")
                    : await SendAsync(writer, "200 OK", "<p>Thank you for your patience.");
            case ["silent"]:
                await Asyncio.Sleep(TimeSpan.FromHours(1));
                return false;
            case ["broken", "error"]:
                return await SendAsync(writer, "500 Internal Server Error", "Something went wrong.");
            case ["broken", "markup"]:
                return await SendAsync(writer, "200 OK",
                    "<title><a href=/not-a-link></title><!-- <a href=/nor-this> --><p <b>a < b<a href='found' ><A HREF = also-found>&amp;<a href=\"");
            case ["broken", "found" or "also-found"]:
                return await SendAsync(writer, "200 OK", "<p>Well done.");
            case ["broken", "cut-short"]:
                writer.Write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<p>And then"u8);
                await writer.DrainAsync();
                return false;
            default:
                return await SendAsync(writer, "404 Not Found", "There is no such page.");
        }
    }

    private static async Coroutine<bool> SendAsync(AsyncStreamWriter writer, string status, string html, string headers = "")
    {
        var body = Encoding.UTF8.GetBytes(html);
        writer.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {body.Length}\r\n{headers}\r\n"));
        writer.Write(body);
        await writer.DrainAsync(); // waits if the client does not keep up
        return true;
    }

    private static string FrontPage()
    {
        var html = new StringBuilder("<title>Front page</title><a href=silent>Silence</a><a href=/circle/east>Round and round</a>");
        for (var i = 1; i <= 5; i++)
            html.Append(CultureInfo.InvariantCulture, $"<a href='slow/{i}'>Slow {i}</a>");
        foreach (var path in (string[])["busy", "broken/error", "broken/markup",
            "broken/cut-short", "missing", "mailto:webmaster@example.org", "https://example.org/"])
        {
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"{path}\">{path}</a>");
        }
        for (var t = 1; t <= Topics; t++)
            html.Append(CultureInfo.InvariantCulture, $"<a href=topics/{t}/>Topic {t}</a>");
        return html.ToString();
    }

    private static string TopicPage(int topic)
    {
        var html = new StringBuilder($"<title>Topic {topic}</title><a href='/'>Front page</a><a href='#top'>Top</a>");
        for (var p = 1; p <= PagesPerTopic; p++)
            html.Append(CultureInfo.InvariantCulture, $"<a href='{p}.html#text'>Page {p}</a><a href='./../{topic}/{p}.html'>The same</a>");
        if (topic <= 10)
            html.Append(CultureInfo.InvariantCulture, $"<a href='/moved/{topic}'>An old link</a>");
        return html.ToString();
    }

    private static string TextPage(int topic, int page)
    {
        var text = string.Concat(Enumerable.Repeat("<p>The quick brown fox jumps over the lazy dog. ", 20 + (topic * page)));
        return $"<title>Page {page} of topic {topic}</title>{text}" +
            $"<a href={page % PagesPerTopic + 1}.html>Next</a><a href=../{topic % Topics + 1}/>Next topic</a><a href=../../>Front page</a>";
    }

    private static bool IsNumber(string text, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= max;
}

sealed class Options
{
    public const string Help = """
        Crawls a web site: follows its links, visits each page once, and prints a table of what it found.

        Usage: dotnet run examples/crawler.cs -- [URL] [options]

          URL                where to start, http or https; without it, a site that the program serves itself

          --depth N          follow at most N links from the start page (default: no limit)
          --concurrency N    load N pages at a time (default: 20)
          --timeout SECONDS  for each try at a page (default: 10; for its own site, 0.75)
          --retries N        try N times more where that may help (default: 2)
          --progress         show the progress even if the output is no terminal
          --help             show this

        It stays on the host where it starts. Ctrl-C stops it; the table then shows what it had.
        The exit code is 0, 2 if it could not start, or 130 if it was interrupted.
        Crawl only what you are welcome to crawl.
        """;

    public Uri? Start { get; private set; }

    public int Depth { get; private set; } = int.MaxValue;

    public int Concurrency { get; private set; } = 20;

    public TimeSpan Timeout { get; private set; }

    public int Retries { get; private set; } = 2;

    public bool ShowProgress { get; private set; } = !Console.IsOutputRedirected;

    public bool ShowHelp { get; private set; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out Options? options, [NotNullWhen(false)] out string? mistake)
    {
        (options, mistake) = (null, null);
        var parsed = new Options();
        var seconds = 0.0;
        // --name=value is the same as --name value
        var words = new Queue<string>(args.SelectMany(arg => arg.StartsWith("--", StringComparison.Ordinal) ? arg.Split('=', 2) : [arg]));
        while (mistake is null && words.TryDequeue(out var word))
        {
            switch (word)
            {
                case "--help" or "-h":
                    parsed.ShowHelp = true;
                    break;
                case "--progress":
                    parsed.ShowProgress = true;
                    break;
                case "--depth" when TryTakeNumber(words, 0, out var number):
                    parsed.Depth = number;
                    break;
                case "--retries" when TryTakeNumber(words, 0, out var number):
                    parsed.Retries = number;
                    break;
                case "--concurrency" when TryTakeNumber(words, 1, out var number):
                    parsed.Concurrency = number;
                    break;
                case "--timeout" when words.TryDequeue(out var text)
                    && double.TryParse(text, CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and < 1e6:
                    break;
                case "--depth" or "--retries" or "--concurrency":
                    mistake = $"{word} needs a whole number, {(word == "--concurrency" ? 1 : 0)} or more.";
                    break;
                case "--timeout":
                    mistake = "--timeout needs a number of seconds above 0.";
                    break;
                case ['-', ..]:
                    mistake = $"there is no option {word}.";
                    break;
                case var _ when parsed.Start is not null:
                    mistake = $"there can be one URL only, so what is '{word}'?";
                    break;
                default:
                    parsed.Start = Uri.TryCreate(word, UriKind.Absolute, out var address) ? References.Resolve(address, "") : null;
                    mistake = parsed.Start is null ? $"'{word}' is not a URL that begins with http:// or https://." : null;
                    break;
            }
        }
        if (mistake is not null)
            return false;
        parsed.Timeout = TimeSpan.FromSeconds(seconds > 0 ? seconds : parsed.Start is null ? 0.75 : 10);
        options = parsed;
        return true;
    }

    private static bool TryTakeNumber(Queue<string> words, int least, out int number)
    {
        number = 0;
        return words.TryDequeue(out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least;
    }
}
