using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Where the awaits of a compiled method stand in its source. The state machine numbers them; the debugging information
/// tells where in its code each of them leaves the method, and which line that is.
/// </summary>
internal sealed class AwaitSites
{
    private const int NotBegun = -1;

    // MethodSteppingInformation, by the specification of portable PDBs.
    private static readonly Guid s_steppingInformation = new("54FD2AC5-E925-401A-9C2A-F94F171072F8");
    private static readonly ConditionalWeakTable<Type, AwaitSites> s_sites = [];

    private readonly Dictionary<int, (string File, int Line)> _places = [];

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A method that is not found has no lines, only its name.")]
    private AwaitSites(Type stateMachine)
    {
        try
        {
            if (SymbolFile.Of(stateMachine.Assembly).Reader is { } symbols
                && stateMachine.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) is { } method)
            {
                Read(symbols, method);
            }
        }
        catch (Exception e) when (e is BadImageFormatException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            // The same: debugging information that does not belong to this build, or none to be read here.
        }
    }

    /// <summary>The place of a state's await, or of the method's beginning; null where that is not known.</summary>
    public static (string File, int Line)? Find(Type stateMachine, int state)
    {
        if (stateMachine.IsConstructedGenericType)
            stateMachine = stateMachine.GetGenericTypeDefinition();
        var sites = s_sites.GetValue(stateMachine, static type => new AwaitSites(type));
        return sites._places.TryGetValue(state, out var place) ? place : null;
    }

    private void Read(MetadataReader symbols, MethodInfo method)
    {
        var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(method.MetadataToken);
        var points = symbols.GetMethodDebugInformation(handle).GetSequencePoints().Where(static point => !point.IsHidden).ToArray();
        if (points.Length == 0)
            return;
        _places[NotBegun] = Place(symbols, points[0]);
        foreach (var each in symbols.GetCustomDebugInformation(handle))
        {
            var information = symbols.GetCustomDebugInformation(each);
            if (symbols.GetGuid(information.Kind) == s_steppingInformation)
                ReadAwaits(symbols, points, symbols.GetBlobReader(information.Value), CodeOf(method));
        }
    }

    private void ReadAwaits(MetadataReader symbols, SequencePoint[] points, BlobReader blob, byte[]? code)
    {
        blob.ReadUInt32(); // the offset of the handler that catches what the method throws
        for (var number = 0; blob.RemainingBytes > 0; number++)
        {
            var left = blob.ReadInt32(); // where the method returns to whoever called it
            blob.ReadInt32(); // where it is resumed
            blob.ReadCompressedInteger(); // in which method
            var state = code is null ? number : StateStoredBefore(code, left) ?? number;
            var point = Array.FindLastIndex(points, point => point.Offset <= left);
            if (point >= 0)
                _places[state] = Place(symbols, points[point]);
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Without the code the awaits are counted, which is nearly always right.")]
    private static byte[]? CodeOf(MethodInfo method) => method.GetMethodBody()?.GetILAsByteArray();

    /// <summary>
    /// The number of the state that is stored just before an await leaves the method:
    /// <c>ldarg.0, ldc.i4 N, dup, stloc.0, stfld state</c>. Null if the code is of another form.
    /// </summary>
    private static int? StateStoredBefore(byte[] code, int offset)
    {
        const int Argument = 0x02;
        const int Zero = 0x16;
        const int Short = 0x1F;
        const int Long = 0x20;
        if (offset < 9 || offset > code.Length || code[offset - 5] != 0x7D || code[offset - 7] != 0x25)
            return null;
        if (code[offset - 9] == Argument)
            return code[offset - 8] - Zero;
        if (code[offset - 9] == Short)
            return (sbyte)code[offset - 8];
        return offset >= 12 && code[offset - 12] == Long ? BitConverter.ToInt32(code, offset - 11) : null;
    }

    private static (string File, int Line) Place(MetadataReader symbols, SequencePoint point) =>
        (symbols.GetString(symbols.GetDocument(point.Document).Name), point.StartLine);
}
