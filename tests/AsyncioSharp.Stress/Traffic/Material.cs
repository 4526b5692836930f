namespace AsyncioSharp.Stress.Traffic;

/// <summary>What is sent: bytes that everybody knows, of which each place tells where it is.</summary>
internal static class Material
{
    /// <summary>How much can be had in a piece.</summary>
    public const int MaxPiece = 200 * 1024;

    private const int Period = 65_521; // a prime: what is misplaced by a round number shows

    private static readonly byte[] s_bytes = Make();

    /// <summary>What a sender has at a place.</summary>
    public static ReadOnlyMemory<byte> At(long position, int count) => s_bytes.AsMemory((int)(position % Period), count);

    /// <summary>Where in <see cref="WriteFile"/> this place is.</summary>
    public static long OffsetOf(long position) => position % Period;

    /// <summary>Makes a file of it.</summary>
    public static string WriteFile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"asyncio-{Guid.NewGuid():N}");
        File.WriteAllBytes(path, s_bytes);
        return path;
    }

    private static byte[] Make()
    {
        var bytes = new byte[Period + MaxPiece];
        new Random(1).NextBytes(bytes.AsSpan(0, Period));
        for (var i = Period; i < bytes.Length; i++)
            bytes[i] = bytes[i - Period];
        return bytes;
    }
}
