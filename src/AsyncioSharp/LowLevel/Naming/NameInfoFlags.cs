namespace AsyncioSharp.LowLevel;

/// <summary>How <see cref="EventLoop.GetNameInfoAsync"/> names things (<c>socket.NI_…</c>).</summary>
[Flags]
public enum NameInfoFlags
{
    /// <summary>By name where there is one.</summary>
    None = 0,

    /// <summary>The host as an address; no name is looked up (<c>NI_NUMERICHOST</c>).</summary>
    NumericHost = 1,

    /// <summary>The service as a number (<c>NI_NUMERICSERV</c>).</summary>
    NumericService = 2,

    /// <summary>It is an error if the host has no name (<c>NI_NAMEREQD</c>).</summary>
    NameRequired = 4,

    /// <summary>Hosts of this domain without their domain (<c>NI_NOFQDN</c>).</summary>
    NoDomain = 8,

    /// <summary>The service is one over UDP (<c>NI_DGRAM</c>).</summary>
    Datagram = 16,
}
