using System.Reflection;
using System.Text.Json.Nodes;
using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Comparing;

/// <summary>Writes a program as JSON: the nodes' names, their numbers, what they were made with, and their parts.</summary>
internal static class ProgramAsJson
{
    public static JsonObject Of(Node node)
    {
        var json = new JsonObject { ["is"] = node.GetType().Name, ["number"] = node.Number };
        // What a primary constructor was given stands in fields called "<name>P".
        foreach (var field in node.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
        {
            if (field.Name.StartsWith('<') && field.Name.EndsWith(">P", StringComparison.Ordinal))
                json[field.Name[1..^2]] = ValueOf(field.GetValue(node));
        }
        json["parts"] = new JsonArray([.. node.Parts.Select(Of)]);
        return json;
    }

    private static JsonValue? ValueOf(object? value) => value switch
    {
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create(number),
        _ => JsonValue.Create(value?.ToString()),
    };
}
