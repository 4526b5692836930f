using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using AsyncioSharp.Tests.Examples;

namespace AsyncioSharp.Tests.Documentation;

/// <summary>
/// The tables of <c>docs/porting.md</c> leave no public name of asyncio out, and name nothing here that does not exist. Rows that say
/// "not yet" are left alone.
/// </summary>
public sealed partial class PortingTableTests
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private static readonly (string Python, string Here)[] s_rows = [.. Rows()];

    private static readonly Type[] s_ownTypes = typeof(Asyncio).Assembly.GetExportedTypes();

    // Types of .NET that the table may name.
    private static readonly Type[] s_netTypes =
    [
        .. new[] { typeof(object), typeof(SocketException), typeof(PosixSignalRegistration) }
            .SelectMany(type => type.Assembly.GetExportedTypes()),
    ];

    [Fact]
    public void Every_public_name_of_asyncio_is_in_a_table()
    {
        var words = s_rows.SelectMany(row => Code(row.Python)).SelectMany(code => Word().Matches(code).Select(match => match.Value)).ToHashSet();
        var names = File.ReadLines(Path.Combine(Folder, "asyncio-names.txt")).Where(line => !line.StartsWith('#')).ToList();
        Assert.True(names.Count > 300);

        var missing = names.FindAll(name => !words.Contains(name.Split('.')[^1]));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_name_of_this_library_in_a_table_exists()
    {
        var missing = new List<string>();
        var count = 0;
        foreach (var (python, here) in s_rows)
        {
            if (here.Contains("not yet"))
                continue;
            foreach (var name in Code(here).SelectMany(Names))
            {
                count++;
                if (!Exists(name))
                    missing.Add($"{name}, for {python}");
            }
        }
        Assert.True(count > 200, $"{count}");
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_row_says_something()
    {
        Assert.True(s_rows.Length > 100, $"{s_rows.Length}");
        Assert.All(s_rows, row => Assert.NotEqual("", row.Python));
        Assert.All(s_rows, row => Assert.NotEqual("", row.Here));
        // A row without a name here says why.
        Assert.DoesNotContain(s_rows, row => !row.Here.Contains('`') && !row.Here.Contains("not yet") && !row.Here.Contains("not needed"));
    }

    private static string Folder => Path.Combine(ExampleBuilds.Repository, "tests", "AsyncioSharp.Tests", "Documentation");

    private static IEnumerable<(string, string)> Rows()
    {
        foreach (var line in File.ReadLines(Path.Combine(ExampleBuilds.Repository, "docs", "porting.md")))
        {
            if (line.StartsWith("| ", StringComparison.Ordinal) && line.Split(" | ") is [var python, var here] && python != "| asyncio")
                yield return (python[1..].Trim(), here.TrimEnd('|', ' '));
        }
    }

    private static IEnumerable<string> Code(string cell) => CodeSpan().Matches(cell).Select(match => match.Groups[1].Value);

    // `Type.Member` as one; of `variable.Member` the member; words that begin with a capital letter by themselves.
    private static IEnumerable<string> Names(string code) =>
        DottedName().Matches(TypeArguments().Replace(NamespaceName().Replace(code, ""), ""))
            .Select(match => char.IsLower(match.Value[0]) ? match.Value.Split('.')[^1] : match.Value)
            .Where(name => char.IsUpper(name[0]) && !EnvironmentVariable().IsMatch(name));

    private static bool Exists(string name)
    {
        if (name.Split('.') is not [var first, var member])
            return Types(name).Any() || s_ownTypes.Any(type => HasMember(type, name));
        return Types(first).Any(type => HasMember(type, member));
    }

    private static IEnumerable<Type> Types(string name) => s_ownTypes.Concat(s_netTypes).Where(type => type.Name.Split('`')[0] == name);

    // What a derived class overrides counts, too.
    private static bool HasMember(Type type, string name) => type.GetMember(name, Public).Length > 0
        || type.GetMember(name, BindingFlags.NonPublic | BindingFlags.Instance).Any(static member => member is MethodBase { IsFamily: true });

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\bSystem\.(Net\.Sockets\.)?")]
    private static partial Regex NamespaceName();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TypeArguments();

    [GeneratedRegex("^[A-Z_]{2,}$")]
    private static partial Regex EnvironmentVariable();

    [GeneratedRegex(@"(?<![\w.""])[A-Za-z]\w*(?:\.[A-Za-z]\w*)?")]
    private static partial Regex DottedName();
}
