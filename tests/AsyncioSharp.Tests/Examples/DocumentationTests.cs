using System.Text;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

/// <summary>
/// The C# in the readme and in <c>docs/</c> compiles. All of it is made one program, in which each piece is a method with
/// its own types beside it; what the pieces leave out, <see cref="Prelude"/> supplies.
/// </summary>
[Collection(nameof(ExampleCollection))]
public partial class DocumentationTests(ExampleBuilds examples)
{
    private const string Prelude = """
        #:project ../../src/AsyncioSharp/AsyncioSharp.csproj
        #:property PublishAot=false
        #:property TreatWarningsAsErrors=false
        #:property NoWarn=$(NoWarn);CS1998;CS4014;CS8321;CS0162;CS0219;CA2255
        using System.Buffers;
        using System.Text;
        using AsyncioSharp;
        using AsyncioSharp.LowLevel;
        using static Prelude;

        return;

        static class Prelude
        {
            public static readonly string[] urls = [];
            public static AsyncStreamReader reader => null!;
            public static Coroutine<string> FetchAsync(string url) => Coroutine.FromResult(url);
            public static Coroutine SaveAsync(string text) => default;
            public static Coroutine<int> AnswerAsync() => Coroutine.FromResult(42);
            public static int Compute(CancellationToken token) => 0;
        }

        """;

    public static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Path.Combine(ExampleBuilds.Repository, "docs"), "*.md").Prepend(Path.Combine(ExampleBuilds.Repository, "README.md"));

    [Fact]
    public async Task Every_piece_of_code_compiles()
    {
        await examples.StartAsync("crawler"); // whoever builds first builds the library
        var program = new StringBuilder(Prelude);
        var count = 0;
        foreach (var document in Documents())
        {
            foreach (Match piece in CodeBlock().Matches(await File.ReadAllTextAsync(document)))
                AppendPiece(program, ++count, piece.Groups[1].Value);
        }
        Assert.True(count > 20, $"Only {count} pieces of code were found.");

        var folder = Path.Combine(ExampleBuilds.Repository, "artifacts", "documentation");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "pieces.cs"), program.ToString());
        using var build = new RunningProgram("dotnet", ["build", "artifacts/documentation/pieces.cs", "-t:Build", "-getProperty:TargetPath"]);
        var output = await build.WaitAsync();
        Assert.True(output.ExitCode == 0, output.StandardOutput + output.StandardError);
    }

    [Fact]
    public void Every_link_leads_somewhere()
    {
        foreach (var document in Documents().Append(Path.Combine(ExampleBuilds.Repository, "CONTRIBUTING.md")))
        {
            var text = File.ReadAllText(document);
            foreach (Match link in Link().Matches(text))
            {
                var (path, anchor) = link.Groups[1].Value.Split('#') is [var before, var after] ? (before, after) : (link.Groups[1].Value, null);
                var target = path.Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, path));
                Assert.True(Path.Exists(target), $"{document} links to {path}, which is not there.");
                if (anchor is not null)
                    Assert.True(Headings(File.ReadAllText(target)).Contains(anchor), $"{document} links to {path}#{anchor}, and there is no such heading.");
            }
        }
    }

    private static void AppendPiece(StringBuilder program, int number, string piece)
    {
        var types = new StringBuilder();
        var body = TypeDeclaration().Replace(piece, match =>
        {
            types.Append(match.Value);
            return "";
        });
        body = UsingDirective().Replace(body, "");
        program.Append($"namespace Piece{number}\n{{\n{types}\nstatic class Code\n{{\nstatic async Coroutine RunAsync()\n{{\n{body}\n}}\n}}\n}}\n\n");
    }

    private static IEnumerable<string> Headings(string text) =>
        Heading().Matches(text).Select(match => NoWordCharacter().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^(?:public |sealed |static |abstract )*(?:class|record|struct|interface|enum) .*?^}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^using [A-Za-z.]+;\n", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoWordCharacter();
}
