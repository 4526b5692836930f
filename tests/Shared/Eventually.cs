using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Tests;

/// <summary>Waiting for what somebody else brings about, and giving up on it.</summary>
internal static class Eventually
{
    /// <summary>How long is waited for what has to come: for a failure only.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds that other threads or processes bring about.</summary>
    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    /// <inheritdoc cref="Until(Func{bool})"/>
    public static async Task Until(Func<Task<bool>> condition)
    {
        for (var start = DateTime.UtcNow; !await condition();)
        {
            CheckPatience(start);
            await Task.Delay(1);
        }
    }

    /// <summary>Lets the running loop go on until something holds.</summary>
    public static async Coroutine UntilOnLoop(Func<bool> condition)
    {
        for (var start = DateTime.UtcNow; !condition();)
        {
            CheckPatience(start);
            await Asyncio.Sleep(TimeSpan.FromTicks(1));
        }
    }

    /// <summary>Waits until nobody listens at an address any more.</summary>
    /// <remarks>Also of a socket that is closed already: a process that another test is just starting has a copy of it until it has become its
    /// program, and connections succeed as long.</remarks>
    public static Task Refused(EndPoint endPoint) => Until(() => !CanConnect(endPoint));

    /// <summary>Whether somebody listens at an address.</summary>
    public static bool CanConnect(EndPoint endPoint)
    {
        var protocol = endPoint.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        try
        {
            socket.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void CheckPatience(DateTime start) => Assert.True(DateTime.UtcNow - start < Patience, "it does not come to hold");
}
