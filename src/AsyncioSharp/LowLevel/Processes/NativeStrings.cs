using System.Runtime.InteropServices;
using System.Text;

namespace AsyncioSharp.LowLevel;

/// <summary>Texts as C has them: an array of pointers to UTF-8 that ends with a null pointer, in one piece of memory.</summary>
internal unsafe ref struct NativeStrings
{
    private byte** _pointers;

    public NativeStrings(params scoped ReadOnlySpan<string> texts)
    {
        var size = (nuint)((texts.Length + 1) * sizeof(byte*));
        foreach (var text in texts)
            size += (nuint)Encoding.UTF8.GetByteCount(text) + 1;
        _pointers = (byte**)NativeMemory.Alloc(size);
        var next = (byte*)(_pointers + texts.Length + 1);
        var left = (int)(size - (nuint)((texts.Length + 1) * sizeof(byte*)));
        for (var i = 0; i < texts.Length; i++)
        {
            _pointers[i] = next;
            var length = Encoding.UTF8.GetBytes(texts[i], new Span<byte>(next, left));
            next[length] = 0;
            next += length + 1;
            left -= length + 1;
        }
        _pointers[texts.Length] = null;
    }

    public readonly byte** Pointers => _pointers;

    public void Dispose()
    {
        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
