
namespace AsyncioSharp.LowLevel;

/// <summary>What a child is to become, as the system takes it.</summary>
/// <param name="path">The program.</param>
/// <param name="arguments">Its arguments, the first of which is its name.</param>
/// <param name="environment">Its environment: <c>name=value</c>.</param>
/// <param name="directory">Where it starts; null for here.</param>
internal unsafe ref struct NewProgram(string path, scoped ReadOnlySpan<string> arguments, scoped ReadOnlySpan<string> environment, string? directory)
{
    private NativeStrings _places = directory is null ? new(path) : new(path, directory);
    private NativeStrings _arguments = new(arguments);
    private NativeStrings _environment = new(environment);

    /// <summary>Which descriptor becomes which. No source has the number of a target, except where it is the standard output
    /// that becomes the standard error too, behind the one that it becomes itself.</summary>
    public ReadOnlySpan<(int Source, int Target)> Descriptors { get; init; }

    /// <summary>Whether it starts a session.</summary>
    public bool NewSession { get; init; }

    /// <summary>The process group that it joins, 0 for a new one, -1 for this program's.</summary>
    public int Group { get; init; }

    public readonly byte* Path => _places.Pointers[0];

    /// <summary>Null for here.</summary>
    public readonly byte* Directory => _places.Pointers[1]; // the end of the list if there is none

    public readonly byte** Arguments => _arguments.Pointers;

    public readonly byte** Environment => _environment.Pointers;

    public void Dispose()
    {
        _places.Dispose();
        _arguments.Dispose();
        _environment.Dispose();
    }
}
