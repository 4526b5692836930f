namespace AsyncioSharp.LowLevel;

/// <summary>What <c>io_uring_register</c> does.</summary>
internal enum RingRegistration
{
    Probe = 8,
    EnableRing = 12,
    AddRingDescriptor = 20,
    RemoveRingDescriptor = 21,
    AddBufferRing = 22,
}
