using System.Runtime.InteropServices;
using System.Text;

namespace AsyncioSharp.LowLevel;

/// <summary>Texts as C has them: an array of pointers to UTF-8, null where there is no text, in one piece of memory.</summary>
internal unsafe ref struct NativeStrings
{
    private byte** _pointers;

    public NativeStrings(scoped ReadOnlySpan<string?> texts)
    {
        var table = texts.Length * sizeof(byte*);
        var size = table;
        foreach (var text in texts)
            size = checked(size + (text is null ? 0 : Encoding.UTF8.GetByteCount(text) + 1));
        _pointers = (byte**)NativeMemory.Alloc((nuint)size);
        var left = new Span<byte>((byte*)_pointers + table, size - table);
        var next = (byte*)_pointers + table;
        for (var i = 0; i < texts.Length; i++)
        {
            _pointers[i] = null;
            if (texts[i] is not { } text)
                continue;
            _pointers[i] = next;
            var length = Encoding.UTF8.GetBytes(text, left);
            left[length] = 0;
            left = left[(length + 1)..];
            next += length + 1;
        }
    }

    public readonly byte** Pointers => _pointers;

    public void Dispose()
    {
        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
