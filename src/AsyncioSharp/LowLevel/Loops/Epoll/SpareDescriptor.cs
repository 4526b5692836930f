using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A descriptor kept for the moment when there are no others: to report that, the runtime may have to load an assembly or
/// read symbols, which takes one.
/// </summary>
internal sealed class SpareDescriptor : IDisposable
{
    private SafeFileHandle? _handle;

    public SpareDescriptor() => Reserve();

    /// <summary>Has something done with the spare descriptor free.</summary>
    public void LendTo<T>(Action<T> action, T state)
    {
        Dispose();
        try
        {
            action(state);
        }
        finally
        {
            Reserve();
        }
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }

    private void Reserve()
    {
        var number = Libc.CreateEvent();
        _handle = number >= 0 ? new SafeFileHandle(number, ownsHandle: true) : null;
    }
}
