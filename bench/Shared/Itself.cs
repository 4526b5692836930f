using System.Diagnostics;
using System.Reflection;

namespace AsyncioSharp.Bench;

/// <summary>This program once more, in a process of its own.</summary>
internal static class Itself
{
    /// <summary>How it is started again, whether as a program of its own or as <c>dotnet PROGRAM.dll</c>, where the process is dotnet's.</summary>
    public static ProcessStartInfo WithArguments(params IEnumerable<string> arguments)
    {
        var path = Environment.ProcessPath!;
        return new ProcessStartInfo(
            path, Path.GetFileNameWithoutExtension(path) == "dotnet" ? [Assembly.GetEntryAssembly()!.Location, .. arguments] : arguments);
    }
}
