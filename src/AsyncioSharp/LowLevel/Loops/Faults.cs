using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Lets tests have system calls fail, and those of .NET's sockets. A test program puts a <c>Func&lt;string, int&gt;</c> into
/// <see cref="AppContext"/> before the first loop is made; it is asked before each call, by the call's name, and answers
/// with an error number, or with 0 for the call to be made.
/// </summary>
/// <remarks>
/// Elsewhere the field is a constant null for the compiler, which leaves nothing of this. Done outside of the process, by
/// preloading a library, it would strike the runtime's own calls too, and need a C compiler.
/// </remarks>
internal static class Faults
{
    private static readonly Func<string, int>? s_next = AppContext.GetData("AsyncioSharp.Faults") is { } next ? Cast(next) : null;

    /// <summary>Whether a call is to fail instead of being made. The error number is where the call would leave it.</summary>
    /// <param name="call">The call's name.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Strike(string call) => s_next is not null && Strike(s_next, call);

    /// <summary>Whether a call of a socket is to fail instead of being made.</summary>
    /// <param name="call">The call's name.</param>
    /// <param name="error">How.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Strike(string call, out SocketError error)
    {
        error = SocketError.Success;
        return s_next is not null && (error = (SocketError)s_next(call)) != SocketError.Success;
    }

    // Apart, as no program but a test loads the type.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Func<string, int>? Cast(object next) => next as Func<string, int>;

    private static bool Strike(Func<string, int> next, string call)
    {
        var error = next(call);
        if (error == 0)
            return false;
        Marshal.SetLastSystemError(error);
        return true;
    }
}
