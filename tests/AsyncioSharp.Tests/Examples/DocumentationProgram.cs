using System.Text;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

/// <summary>
/// The pieces of code of several documents as one program, in which each is a method with its own types beside it; what the
/// pieces leave out, <see cref="Prelude"/> supplies. Where a piece is followed by a block marked <c>text</c>, that is what it
/// prints. A piece marked <c>csharp no-run</c> is only compiled. It sees the namespaces that its document has named so far, besides those of the
/// prelude: the library's and those that an SDK adds by itself.
/// </summary>
internal sealed partial class DocumentationProgram
{
    private const string Prelude = """
        #:package Microsoft.Extensions.Hosting
        #:project ../../src/AsyncioSharp.Hosting/AsyncioSharp.Hosting.csproj
        #:project ../../src/AsyncioSharp.Http/AsyncioSharp.Http.csproj
        #:project ../../src/AsyncioSharp.AspNetCore/AsyncioSharp.AspNetCore.csproj
        #:property PublishAot=false
        #:property TreatWarningsAsErrors=false
        #:property NoWarn=$(NoWarn);CS1998;CS4014;CS8321;CS0162;CS0219;CA2255
        using AsyncioSharp;
        using AsyncioSharp.AspNetCore;
        using AsyncioSharp.Hosting;
        using AsyncioSharp.Http;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Hosting;
        using Microsoft.AspNetCore.Http;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        using Microsoft.Extensions.Logging;
        using static Prelude;

        var failed = 0;
        foreach (var (name, run) in Pieces.All)
        {
            Console.WriteLine($"--- {name}");
            var output = Console.Out;
            var own = new StringWriter { NewLine = "\n" };
            Console.SetOut(own);
            try
            {
                run();
            }
            catch (Exception e)
            {
                failed++;
                Console.Error.WriteLine($"{name} failed: {e}");
            }
            Console.SetOut(output);
            if (Pieces.Checked.Contains(name))
                Console.Write(own.ToString());
        }
        return failed;

        static class Prelude
        {
            public static readonly string[] urls = ["a", "b", "c"];
            public static AsyncStreamReader reader => null!;
            public static Microsoft.Extensions.DependencyInjection.IServiceCollection services => null!;
            public static string[] args => [];
            public static WebApplicationBuilder builder => null!;
            public static HttpContext context => null!;
            public static int HashOf(object? value) => 0;
            public static Coroutine<int> OneAsync() => Coroutine.FromResult(1);
            public static Coroutine<int> TwoAsync() => Coroutine.FromResult(2);
            public static async Coroutine<string> FetchAsync(string url)
            {
                await Asyncio.Sleep(1);
                return $"contents of {url}";
            }
            public static Coroutine SaveAsync(string text) => default;
            public static Coroutine<int> AnswerAsync() => Coroutine.FromResult(42);
            public static int Compute(CancellationToken token) => 0;

            // In virtual time; those that need a network, other threads or processes, on a loop that has them.
            public static void OnVirtualLoop(Func<Coroutine> piece) =>
                Asyncio.Run(piece, new RunnerOptions { LoopFactory = () => new AsyncioSharp.LowLevel.VirtualEventLoop() });
            public static void OnLoop(Func<Coroutine> piece) => Asyncio.Run(piece);
        }

        """;

    private readonly StringBuilder _pieces = new();
    private readonly StringBuilder _runs = new();
    private readonly StringBuilder _checked = new();
    private readonly StringBuilder _expected = new();

    /// <summary>How many pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>What the program prints.</summary>
    public string Expected => _expected.ToString();

    public string Text => $$"""
        {{Prelude}}
        {{_pieces}}
        static class Pieces
        {
            public static readonly (string Name, Action Run)[] All =
            [
        {{_runs}}
            ];
            public static readonly string[] Checked = [{{_checked}}];
        }
        """;

    public void Add(string document, string text, bool runs)
    {
        var usings = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Match block in CodeBlock().Matches(text))
        {
            usings.UnionWith(UsingDirective().Matches(block.Groups["code"].Value).Select(match => match.Value));
            var line = 1 + text.AsSpan(0, block.Index).Count('\n');
            Add($"{Path.GetFileName(document)}:{line}", block.Groups["code"].Value, string.Concat(usings), runs && !block.Groups["norun"].Success,
                block.Groups["output"] is { Success: true } output ? output.Value : null);
        }
    }

    private void Add(string name, string piece, string usings, bool runs, string? output)
    {
        var number = ++Count;
        var types = new StringBuilder();
        var body = TypeDeclaration().Replace(piece, match =>
        {
            types.Append(match.Value);
            return "";
        });
        body = UsingDirective().Replace(body, "");
        // A piece that runs a loop itself cannot run inside one.
        var isMain = RunsLoop().IsMatch(body);
        var signature = isMain ? "void Run()" : "async Coroutine RunAsync()";
        _pieces.Append($"namespace Piece{number}\n{{\n{usings}{types}\nstatic class Code\n{{\npublic static {signature}\n{{\n{body}\n}}\n}}\n}}\n\n");
        if (!runs)
            return;
        var call = isMain ? $"Piece{number}.Code.Run"
            : $"() => {(NeedsSystem().IsMatch(piece) ? "OnLoop" : "OnVirtualLoop")}(Piece{number}.Code.RunAsync)";
        _runs.Append($"        (\"{name}\", {call}),\n");
        _expected.Append($"--- {name}\n");
        if (output is null)
            return;
        _checked.Append($"\"{name}\", ");
        _expected.Append(output);
    }

    [GeneratedRegex(@"^```csharp(?<norun> no-run)?\n(?<code>.*?)^```\n(?:\n```text\n(?<output>.*?)^```)?",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(
        @"^(?:public |sealed |static |abstract )*(?:class|record|struct|interface|enum) .*?^}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"\bAsyncio\.Run\(|\bnew Runner\(|\bRunForever\(|\bRunUntilComplete\(")]
    private static partial Regex RunsLoop();

    [GeneratedRegex(@"Connection|Server|Socket|Datagram|Subprocess|EventLoopThread|ToThread|RunInExecutor|Task\.Run|HttpClient|WebSocket")]
    private static partial Regex NeedsSystem();
}
