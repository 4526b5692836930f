using System.Reflection;

namespace AsyncioSharp.Tests.Traces;

public class TraceCompletenessTests
{
    private static readonly string[] s_programs = [.. TraceProgram.NamesOf(".py")];

    [Fact]
    public void ThereAreManyPrograms() => Assert.InRange(s_programs.Length, 150, int.MaxValue);

    [Fact]
    public void EveryProgramHasAnExpectedTrace()
    {
        string[] traces = [.. TraceProgram.NamesOf(".expected")];
        AssertAllIn(traces, s_programs);
        AssertAllIn(s_programs, traces);
    }

    [Fact]
    public void EveryProgramHasATwin()
    {
        string[] twins =
        [
            .. from type in typeof(TraceTest).Assembly.GetTypes()
               where type.IsSubclassOf(typeof(TraceTest))
               from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
               where method.GetCustomAttribute<FactAttribute>() is not null
               select method.Name,
        ];
        string[] expected = [.. s_programs.Select(TraceProgram.TwinOf)];
        AssertAllIn(twins, expected);
        AssertAllIn(expected, twins);
    }

    private static void AssertAllIn(string[] present, string[] names)
    {
        var missing = string.Join(", ", names.Except(present));
        Assert.True(missing == "", $"missing: {missing}");
    }
}
