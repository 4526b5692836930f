using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace AsyncioSharp.AspNetCore;

/// <summary>The memory that Kestrel uses for what is not the transport's.</summary>
internal sealed class LoopMemory(IMemoryPoolFactory<byte>? factory)
{
    public MemoryPool<byte> Pool { get; } = factory?.Create() ?? MemoryPool<byte>.Shared;
}
