using Microsoft.AspNetCore.Http;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// Sees to it that a request is handled on the loop that owns its connection, on behalf of a task. With HTTP/1 it is already, on
/// behalf of the connection's, as there is one request at a time. HTTP/2 gives each stream to the thread pool: there it is
/// brought back, with a task of its own, which the end of the stream cancels.
/// </summary>
internal static class LoopMiddleware
{
    public static RequestDelegate Wrap(RequestDelegate next) => context =>
        Asyncio.CurrentTask is not null ? next(context) : HandleAsync(context, next);

    private static Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAsyncioConnectionFeature>() is not { } feature)
            return next(context); // another transport's
        return Asyncio.RunCoroutineThreadsafe(CallAsync(context, next), feature.Loop, context.RequestAborted);
    }

    private static async Coroutine CallAsync(HttpContext context, RequestDelegate next) => await next(context);
}
