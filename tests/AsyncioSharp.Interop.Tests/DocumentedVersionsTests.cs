using System.Xml.Linq;

namespace AsyncioSharp.Tests.Interop;

/// <summary>docs/interop.md says what was run in which version. This keeps it true.</summary>
public sealed class DocumentedVersionsTests
{
    [Fact]
    public void The_table_has_every_package_in_the_version_that_the_tests_run()
    {
        var packages = XDocument.Parse(Read("Directory.Packages.props")).Descendants("ItemGroup")
            .Single(group => (string?)group.Attribute("Label") == "Interop").Elements()
            .Select(package => ((string)package.Attribute("Include")!, (string)package.Attribute("Version")!));

        Assert.Equal(packages.Order(), Rows().Where(row => row.Version != ".NET 10").Order());
    }

    [Theory]
    [InlineData("Npgsql", typeof(Npgsql.NpgsqlConnection))]
    [InlineData("Dapper", typeof(Dapper.SqlMapper))]
    [InlineData("StackExchange.Redis", typeof(StackExchange.Redis.ConnectionMultiplexer))]
    [InlineData("Polly.Core", typeof(Polly.ResiliencePipeline))]
    [InlineData("Grpc.AspNetCore", typeof(global::Grpc.AspNetCore.Server.GrpcServiceOptions))]
    public void What_was_loaded_is_what_the_table_says(string library, Type type)
    {
        var loaded = System.Diagnostics.FileVersionInfo.GetVersionInfo(type.Assembly.Location).ProductVersion!;
        Assert.StartsWith(Rows().Single(row => row.Library == library).Version, loaded, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Library, string Version)> Rows() =>
        from line in Read("interop.md").Split("\n## ")[0].Split('\n') // the first table
        where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| library", StringComparison.Ordinal)
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        select (cells[1], cells[2]);

    private static string Read(string name)
    {
        using var stream = typeof(DocumentedVersionsTests).Assembly.GetManifestResourceStream(name)!;
        return new StreamReader(stream).ReadToEnd();
    }
}
