using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>The application that clients written by others use.</summary>
internal static class PeerSite
{
    /// <summary>Starts it.</summary>
    /// <param name="protocols">Which versions of HTTP it speaks.</param>
    /// <param name="tls">Whether it speaks them over TLS.</param>
    /// <param name="seen">Gets the path and the protocol of each request.</param>
    /// <param name="canceled">Ends when what <c>/events</c> awaits is cancelled.</param>
    public static Task<Site> StartAsync(
        HttpProtocols protocols, bool tls = false, ConcurrentQueue<(string Path, string Protocol)>? seen = null,
        TaskCompletionSource? canceled = null) => Site.StartAsync(app =>
    {
        app.UseWebSockets();
        app.Use((context, next) =>
        {
            seen?.Enqueue((context.Request.Path, context.Request.Protocol));
            return next(context);
        });
        app.MapGet("/", () => "Hello, World!");
        app.MapGet("/page", () => Results.Content("<title>A page</title>", "text/html"));
        app.MapGet("/connection", (HttpContext context) => context.Connection.Id);
        app.MapGet("/slow", async () =>
        {
            await Asyncio.Sleep(0.005);
            return "slow";
        });
        app.MapPost("/echo-body", async (HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body));
        app.MapGet("/events", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            try
            {
                for (var i = 1; i <= 3; i++)
                {
                    await context.Response.WriteAsync($"data: {i} over {context.Connection.Id}\n\n");
                    await context.Response.Body.FlushAsync();
                    await Asyncio.Sleep(0.001);
                }
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            catch (OperationCanceledException)
            {
                canceled?.SetResult();
                throw;
            }
        });
        app.Map("/echo", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            {
                await Asyncio.Yield();
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        app.Map("/upgrade", async (HttpContext context) =>
        {
            context.Response.Headers.Upgrade = "echo";
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            var buffer = new byte[100];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
                await stream.WriteAsync(buffer.AsMemory(0, count));
        });
    }, protocols: protocols, tls: tls, kestrel: options => options.Limits.MaxRequestBodySize = null);
}
