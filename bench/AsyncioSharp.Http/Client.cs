using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace AsyncioSharp.Http.Benchmark;

/// <summary>
/// Asks a server again and again, so many requests at a time, and prints what came out: requests a second, the latencies that
/// half and 99 in 100 of them stay below in µs, the client's processor time for each in µs, the bytes it allocates for each,
/// and how many threads did it.
/// </summary>
internal static class Client
{
    private static readonly HashSet<int> s_threads = [];
    private static readonly List<long> s_latencies = new(1 << 20);
    private static bool s_measuring;
    private static volatile bool s_stop;

    public static void OnLoop(string kind, string url, int concurrency, double seconds) => Asyncio.Run(async () =>
    {
        using var http = Make(kind, AsyncioHttpHandler.Create(Configure));
        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < concurrency; i++)
                group.StartSoon(AskAsync(http, url));
            await Asyncio.Sleep(WarmUp);
            var before = Begin();
            await Asyncio.Sleep(seconds);
            End(before);
        });
    });

    public static async Task OnPoolAsync(string kind, string url, int concurrency, double seconds)
    {
        var sockets = new SocketsHttpHandler();
        Configure(sockets);
        using var http = Make(kind, sockets);
        var tasks = Enumerable.Range(0, concurrency).Select(_ => Task.Run(() => AskOnPoolAsync(http, url))).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(WarmUp));
        var before = Begin();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        End(before);
        await Task.WhenAll(tasks);
    }

    private const double WarmUp = 4; // until .NET's last JIT tier

    private static void Configure(SocketsHttpHandler sockets)
    {
        sockets.UseProxy = false;
        sockets.UseCookies = false;
        sockets.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
    }

    private static HttpClient Make(string kind, HttpMessageHandler handler) => new(handler)
    {
        DefaultRequestVersion = kind == "http2" ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Coroutine AskAsync(HttpClient http, string url)
    {
        while (!s_stop)
        {
            var start = Stopwatch.GetTimestamp();
            await http.GetByteArrayAsync(url);
            Note(start);
        }
    }

    private static async Task AskOnPoolAsync(HttpClient http, string url)
    {
        while (!s_stop)
        {
            var start = Stopwatch.GetTimestamp();
            await http.GetByteArrayAsync(url);
            Note(start);
        }
    }

    private static void Note(long start)
    {
        var took = Stopwatch.GetTimestamp() - start;
        lock (s_latencies)
        {
            if (!s_measuring)
                return;
            s_latencies.Add(took);
            s_threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    private static (long Time, TimeSpan Processor, long Allocated, long WorkItems) Begin()
    {
        lock (s_latencies)
            s_measuring = true;
        return (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), ThreadPool.CompletedWorkItemCount);
    }

    private static void End((long Time, TimeSpan Processor, long Allocated, long WorkItems) before)
    {
        lock (s_latencies)
            s_measuring = false;
        var elapsed = Stopwatch.GetElapsedTime(before.Time).TotalSeconds;
        var processor = Environment.CpuUsage.TotalTime - before.Processor;
        var allocated = GC.GetTotalAllocatedBytes() - before.Allocated;
        var workItems = ThreadPool.CompletedWorkItemCount - before.WorkItems;
        s_stop = true;
        s_latencies.Sort();
        var count = s_latencies.Count;
        double At(double part) => s_latencies[Math.Min(count - 1, (int)(count * part))] * 1e6 / Stopwatch.Frequency;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count / elapsed:F0} {At(.5):F0} {At(.99):F0} " +
            $"{processor.TotalMicroseconds / count:F1} {allocated / count} {s_threads.Count} {(double)workItems / count:F2}"));
    }
}
