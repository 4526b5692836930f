using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

/// <summary>
/// The C# in the readme and in <c>docs/</c> compiles, and that of the guide runs. All of it is made one program: see
/// <see cref="DocumentationProgram"/>.
/// </summary>
[Collection(nameof(ExampleCollection))]
public partial class DocumentationTests(ExampleBuilds examples)
{
    private static string Docs => Path.Combine(ExampleBuilds.Repository, "docs");

    private static IEnumerable<string> Documents() => Directory.EnumerateFiles(Docs, "*.md", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Prepend(Path.Combine(ExampleBuilds.Repository, "README.md"));

    /// <summary>The pieces of the guide are run too, each on a loop of its own, and print what stands below them.</summary>
    [Fact]
    public async Task Every_piece_of_code_compiles_and_those_of_the_guide_run()
    {
        await examples.StartAsync("crawler"); // whoever builds first builds the library
        var program = new DocumentationProgram();
        foreach (var document in Documents())
            program.Add(document, await File.ReadAllTextAsync(document), runs: Path.GetDirectoryName(document) == Path.Combine(Docs, "guide"));
        Assert.True(program.Count > 20, $"Only {program.Count} pieces of code were found.");

        var folder = Path.Combine(ExampleBuilds.Repository, "artifacts", "documentation");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "pieces.cs"), program.Text);
        using var build = new RunningProgram("dotnet", ["build", "artifacts/documentation/pieces.cs", "-t:Build", "-getProperty:TargetPath"]);
        var built = await build.WaitAsync();
        Assert.True(built.ExitCode == 0, built.StandardOutput + built.StandardError);

        using var run = new RunningProgram("dotnet", [built.StandardOutput.Trim()]);
        var ran = await run.WaitAsync();
        Assert.True(ran.ExitCode == 0, ran.StandardOutput + ran.StandardError);
        Assert.Equal(program.Expected, ran.StandardOutput);
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
                {
                    Assert.True(Headings(File.ReadAllText(target)).Contains(anchor),
                        $"{document} links to {path}#{anchor}, and there is no such heading.");
                }
            }
        }
    }

    private static IEnumerable<string> Headings(string text) =>
        Heading().Matches(text).Select(match => NoWordCharacter().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoWordCharacter();
}
