namespace AsyncioSharp.Tests.Examples;

/// <summary>Every program of the tour prints what <c>Expected/</c> has for it.</summary>
[Collection(nameof(ExampleCollection))]
public class TourTests(ExampleBuilds examples)
{
    private const int MaxLines = 40;

    public static IEnumerable<TheoryDataRow<string>> Stops() => ExampleBuilds.Names("tour").Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Stops))]
    public async Task Prints_what_is_expected(string name)
    {
        var expected = await File.ReadAllTextAsync(ExpectedFile(name));
        var output = await examples.RunAsync(name);
        Assert.Equal("", output.StandardError);
        Assert.Equal(expected, output.StandardOutput);
        Assert.Equal(0, output.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public void Is_short_and_says_what_it_shows(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(ExampleBuilds.Repository, "examples", $"{name}.cs"));
        Assert.InRange(lines.Length, 1, MaxLines);
        Assert.Equal(2, lines.Count(line => line.StartsWith("// ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_expected_of_programs_that_are_not_there()
    {
        var expected = Directory.EnumerateFiles(Path.GetDirectoryName(ExpectedFile("x"))!).Select(file => Path.GetFileNameWithoutExtension(file));
        Assert.Equal(ExampleBuilds.Names("tour").Select(name => Path.GetFileName(name)).Order(), expected.Order());
    }

    private static string ExpectedFile(string name) =>
        Path.Combine(ExampleBuilds.Repository, "tests", "AsyncioSharp.Tests", "Examples", "Expected", $"{Path.GetFileName(name)}.txt");
}
