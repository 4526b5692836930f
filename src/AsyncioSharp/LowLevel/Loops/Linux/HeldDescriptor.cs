using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A descriptor that belongs to the program, held open for a call.</summary>
internal readonly ref struct HeldDescriptor
{
    private readonly SafeHandle _handle;

    /// <summary>Holds it.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public HeldDescriptor(SafeHandle handle)
    {
        var held = false;
        handle.DangerousAddRef(ref held);
        _handle = handle;
    }

    public int Number => (int)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
