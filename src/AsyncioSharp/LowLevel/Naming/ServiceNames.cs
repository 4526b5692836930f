using System.Globalization;

namespace AsyncioSharp.LowLevel;

/// <summary>The names of ports, as the system's file of services has them. .NET does not tell them.</summary>
internal static class ServiceNames
{
    private static readonly Lazy<List<Entry>> s_entries = new(static () => Read(FilePath));

    private readonly record struct Entry(string Name, int Port, string Protocol, string[] Aliases);

    private static string FilePath => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.SystemDirectory, "drivers", "etc", "services")
        : "/etc/services";

    /// <summary>The name of a port; null if it has none. The first time it reads a file.</summary>
    public static string? NameOf(int port, bool datagram) =>
        s_entries.Value.Find(entry => entry.Port == port && entry.Protocol == Protocol(datagram)).Name;

    /// <summary>The port of a name; null if there is none. The first time it reads a file.</summary>
    public static int? PortOf(string name, bool datagram)
    {
        var entry = s_entries.Value.Find(entry => entry.Protocol == Protocol(datagram) && (entry.Name == name || entry.Aliases.Contains(name)));
        return entry.Name is null ? null : entry.Port;
    }

    private static string Protocol(bool datagram) => datagram ? "udp" : "tcp";

    private static List<Entry> Read(string path)
    {
        var entries = new List<Entry>();
        try
        {
            foreach (var line in File.ReadLines(path))
                Parse(line, entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the file no port has a name, as for the system itself.
        }
        return entries;
    }

    // "http  80/tcp  www  # the web"
    private static void Parse(string line, List<Entry> entries)
    {
        var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || words[1].Split('/') is not [var number, var protocol])
            return;
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            entries.Add(new Entry(words[0], port, protocol, words[2..]));
    }
}
