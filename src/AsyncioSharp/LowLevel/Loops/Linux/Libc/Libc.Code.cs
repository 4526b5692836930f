using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

internal static unsafe partial class Libc
{
    private const int ReadAndExecute = 5; // PROT_READ, PROT_EXEC
    private const int PrivateAnonymous = 0x22; // MAP_PRIVATE, MAP_ANONYMOUS

    /// <summary>Puts machine code where it can be run, and written no more; it stays there.</summary>
    /// <param name="instructions">A page of them at most.</param>
    /// <returns>Where it is; null if the system does not allow that.</returns>
    public static byte* MapCode(ReadOnlySpan<byte> instructions)
    {
        var size = (nuint)Environment.SystemPageSize;
        var address = (byte*)mmap(null, size, ReadAndWrite, PrivateAnonymous, -1, 0);
        if ((nint)address == MapFailed)
            return null;
        instructions.CopyTo(new Span<byte>(address, (int)size));
        if (mprotect(address, size, ReadAndExecute) == 0)
            return address;
        Unmap(address, size);
        return null;
    }

    [LibraryImport(Library)]
    private static partial int mprotect(void* address, nuint length, int protection);
}
