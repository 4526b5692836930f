using Microsoft.AspNetCore.Http;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// Sees to it that a request is handled on the loop that owns its connection, on behalf of a task. With HTTP/1 Kestrel is there
/// already, and the task is the connection's, as there is one request at a time. HTTP/2 gives each stream to the thread pool: there it
/// is brought back, with a task of its own, which the end of the stream cancels.
/// </summary>
internal static class LoopMiddleware
{
    public static RequestDelegate Wrap(RequestDelegate next) => context =>
        context.Features.Get<IAsyncioConnectionFeature>() is not AsyncioConnection connection ? next(context) // another transport's
        : connection.Loop.IsOnThread ? connection.HandleAsync(next, context)
        : Asyncio.RunCoroutineThreadsafe(
            IsOnlyRequest(context) ? connection.HandleFromElsewhereAsync(next, context) : CallAsync(context, next),
            connection.Loop, context.RequestAborted);

    // A connection of HTTP/1 can be late in coming to the loop, where the application has endpoint defaults of its own instead of
    // LoopConnectionMiddleware.
    private static bool IsOnlyRequest(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol);

    private static async Coroutine CallAsync(HttpContext context, RequestDelegate next) => await next(context);
}
