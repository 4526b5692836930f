namespace AsyncioSharp.LowLevel;

/// <summary>What <see cref="EventLoop.GetAddressInfoAsync(string?, string?, System.Net.Sockets.AddressFamily, AddressInfoFlags)"/>
/// looks for (<c>socket.AI_…</c>).</summary>
[Flags]
public enum AddressInfoFlags
{
    /// <summary>Addresses to connect to.</summary>
    None = 0,

    /// <summary>Addresses to listen at: without a host, all of this machine's (<c>AI_PASSIVE</c>).</summary>
    Passive = 1,

    /// <summary>The host is an address; no name is looked up (<c>AI_NUMERICHOST</c>).</summary>
    NumericHost = 2,

    /// <summary>The service is a number; no name is looked up (<c>AI_NUMERICSERV</c>).</summary>
    NumericService = 4,

    /// <summary>The service is one over UDP.</summary>
    Datagram = 8,
}
