using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>The debugging information of an assembly: its portable PDB, embedded or beside it.</summary>
internal sealed class SymbolFile
{
    private static readonly ConditionalWeakTable<Assembly, SymbolFile> s_files = [];

    private readonly MetadataReaderProvider? _provider;

    private SymbolFile(Assembly assembly)
    {
        try
        {
            _provider = Open(assembly);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException
            or NotSupportedException or InvalidOperationException)
        {
            // A file that cannot be read tells no lines; names are all that is shown then.
        }
    }

    /// <summary>Reads it; null if there is none.</summary>
    public MetadataReader? Reader => _provider?.GetMetadataReader();

    public static SymbolFile Of(Assembly assembly) => s_files.GetValue(assembly, static assembly => new SymbolFile(assembly));

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Without a location there are no lines, only names.")]
    private static MetadataReaderProvider? Open(Assembly assembly)
    {
        if (assembly.IsDynamic || assembly.Location is not { Length: > 0 } path)
            return null;
        using var image = new PEReader(File.OpenRead(path));
        // Read as a whole, so that no file stays open: it may be about to be built again.
        return image.TryOpenAssociatedPortablePdb(
            path, static pdb => File.Exists(pdb) ? new MemoryStream(File.ReadAllBytes(pdb)) : null, out var provider, out _)
            ? provider
            : null;
    }
}
