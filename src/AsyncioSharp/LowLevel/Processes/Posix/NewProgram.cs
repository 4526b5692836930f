namespace AsyncioSharp.LowLevel;

/// <summary>What a child is to become, as the system takes it.</summary>
/// <param name="path">The program.</param>
/// <param name="arguments">Its arguments, the first of which is its name.</param>
/// <param name="environment">Its environment: <c>name=value</c>.</param>
/// <param name="directory">Where it starts; null for here.</param>
internal unsafe ref struct NewProgram(string path, scoped ReadOnlySpan<string> arguments, scoped ReadOnlySpan<string> environment, string? directory)
{
    private readonly int _environmentAt = 2 + arguments.Length + 1;
    private NativeStrings _strings = new([path, directory, .. arguments, null, .. environment, null]);

    /// <summary>Which descriptor becomes which. No source has the number of a target, except where it is the standard output
    /// that becomes the standard error too, behind the one that it becomes itself.</summary>
    public ReadOnlySpan<(int Source, int Target)> Descriptors { get; init; }

    /// <summary>Whether it starts a session.</summary>
    public bool NewSession { get; init; }

    /// <summary>The process group that it joins, 0 for a new one, -1 for this program's.</summary>
    public int Group { get; init; }

    public readonly byte* Path => _strings.Pointers[0];

    /// <summary>Null for here.</summary>
    public readonly byte* Directory => _strings.Pointers[1];

    public readonly byte** Arguments => _strings.Pointers + 2;

    public readonly byte** Environment => _strings.Pointers + _environmentAt;

    public void Dispose() => _strings.Dispose();
}
