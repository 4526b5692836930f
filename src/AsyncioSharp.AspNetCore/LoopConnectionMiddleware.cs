using Microsoft.AspNetCore.Connections;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// Sees to it that Kestrel is on the loop from a connection's first moment, and not only from its first read: where several asynchronous
/// methods call each other, as with TLS, the innermost could end on the loop before the outermost has begun to wait for it elsewhere.
/// </summary>
internal static class LoopConnectionMiddleware
{
    public static ConnectionDelegate Wrap(ConnectionDelegate next) => async context =>
    {
        if (context is AsyncioConnection connection) // not another transport's
            await new LoopSwitch(connection, isKestrel: true);
        await next(context);
    };
}
